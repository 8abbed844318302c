import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  ImportEntriesRequestSchema,
  ImportEntriesResponseSchema,
  ListEntriesRequestSchema,
  ListEntriesResponseSchema,
  PingRequestSchema,
  PingResponseSchema,
  TransferRequestSchema,
  TransferResponseSchema,
} from "../gen/es/bench/v1/bench_pb.js";
import { TOO_MUCH, TRANSFER } from "../payloads.js";
import { STREAM_MESSAGES } from "../scenario.js";
import { importAnswer, LARGE_REQUEST, STREAMED, transferAnswer, transferInit } from "./es-messages.js";

// The messages of the subject that has no codec: each is encoded once, with gRPC's five bytes before it.

/** Of the length before each message, and of whether it is compressed. */
export const HEAD_BYTES = 5;

export const PING_REQUEST = framed(PingRequestSchema, {});
export const PING_RESPONSE = framed(PingResponseSchema, {});
export const TRANSFER_REQUEST = framed(TransferRequestSchema, transferInit(TRANSFER.amount));
export const FAILING_REQUEST = framed(TransferRequestSchema, transferInit(TOO_MUCH));
export const TRANSFER_RESPONSE = framed(
  TransferResponseSchema,
  transferAnswer(create(TransferRequestSchema, transferInit(TRANSFER.amount))),
);
export const IMPORT_REQUEST = framed(ImportEntriesRequestSchema, LARGE_REQUEST);
export const IMPORT_RESPONSE = framed(ImportEntriesResponseSchema, importAnswer(LARGE_REQUEST));
export const LIST_REQUEST = framed(ListEntriesRequestSchema, { requestId: TRANSFER.requestId, count: STREAM_MESSAGES });
export const LIST_RESPONSES = STREAMED.map((entry) => framed(ListEntriesResponseSchema, { entry }));

function framed<Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): Buffer {
  const bytes = toBinary(desc, create(desc, init));
  const frame = Buffer.alloc(HEAD_BYTES + bytes.byteLength);
  frame.writeUInt32BE(bytes.byteLength, 1);
  frame.set(bytes, HEAD_BYTES);
  return frame;
}
