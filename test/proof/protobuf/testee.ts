// Accord's codecs as the program that protobuf's conformance suite tests: requests on stdin, responses on stdout, each with its length
// before it. Binary is read and written by generated codecs; JSON, which Accord leaves to it, by protobuf-es.
import { readSync, writeSync } from "node:fs";
import type { MessageCodec } from "@accord-grpc/runtime/codec/v1";
import { createRegistry, type DescMessage, fromJsonString, type Message, toJsonString } from "@bufbuild/protobuf";
import {
  AnySchema,
  DurationSchema,
  FieldMaskSchema,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import * as codecs from "../gen/protobuf/accord/proof/v1/codecs.js";
import {
  type ConformanceRequest,
  type ConformanceResponse,
  FailureSetSchema,
  TestCategory,
  WireFormat,
} from "../gen/protobuf/conformance/conformance_pb.js";
import { file_google_protobuf_test_messages_edition2023 } from "../gen/protobuf/google/protobuf/test_messages_edition2023_pb.js";
import { file_google_protobuf_test_messages_proto2_editions } from "../gen/protobuf/google/protobuf/test_messages_proto2_editions_pb.js";
import { file_google_protobuf_test_messages_proto2 } from "../gen/protobuf/google/protobuf/test_messages_proto2_pb.js";
import { file_google_protobuf_test_messages_proto3_editions } from "../gen/protobuf/google/protobuf/test_messages_proto3_editions_pb.js";
import { file_google_protobuf_test_messages_proto3 } from "../gen/protobuf/google/protobuf/test_messages_proto3_pb.js";

const registry = createRegistry(
  file_google_protobuf_test_messages_edition2023,
  file_google_protobuf_test_messages_proto2,
  file_google_protobuf_test_messages_proto2_editions,
  file_google_protobuf_test_messages_proto3,
  file_google_protobuf_test_messages_proto3_editions,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  AnySchema,
  DurationSchema,
  FieldMaskSchema,
);
const { ConformanceRequestCodec, ConformanceResponseCodec, FailureSetCodec } = codecs;
const byTypeName = new Map<string, MessageCodec<DescMessage>>(
  Object.values(codecs).flatMap((exported) =>
    "schema" in exported ? [[exported.schema.typeName, exported as unknown as MessageCodec<DescMessage>]] : [],
  ),
);

type Result = ConformanceResponse["result"];

for (let request = read(); request !== undefined; request = read()) {
  write(ConformanceResponseCodec.encode({ result: answer(request) }));
}

function answer(request: ConformanceRequest): Result {
  // The first question of a run: which failures are known? The list is held elsewhere.
  if (request.messageType === FailureSetSchema.typeName) {
    return { case: "protobufPayload", value: FailureSetCodec.encode({}) };
  }
  const codec = byTypeName.get(request.messageType);
  if (codec === undefined) {
    return { case: "runtimeError", value: `no codec was generated for ${request.messageType}` };
  }
  if (request.payload.case === "textPayload" || request.requestedOutputFormat === WireFormat.TEXT_FORMAT) {
    return { case: "skipped", value: "text format isn't spoken" };
  }
  let message: Message;
  try {
    message = parse(request, codec);
  } catch (error) {
    return { case: "parseError", value: String(error) };
  }
  try {
    return serialize(request, codec, message);
  } catch (error) {
    return { case: "serializeError", value: String(error) };
  }
}

function parse({ payload, testCategory }: ConformanceRequest, codec: MessageCodec<DescMessage>): Message {
  switch (payload.case) {
    case "protobufPayload":
      return codec.decode(payload.value);
    case "jsonPayload": {
      const ignoreUnknownFields = testCategory === TestCategory.JSON_IGNORE_UNKNOWN_PARSING_TEST;
      return fromJsonString(codec.schema, payload.value, { registry, ignoreUnknownFields });
    }
    default:
      throw new Error(`a payload that nobody knows: ${payload.case}`);
  }
}

function serialize(request: ConformanceRequest, codec: MessageCodec<DescMessage>, message: Message): Result {
  switch (request.requestedOutputFormat) {
    case WireFormat.PROTOBUF:
      return { case: "protobufPayload", value: codec.encode(message) };
    case WireFormat.JSON:
      return { case: "jsonPayload", value: toJsonString(codec.schema, message, { registry }) };
    default:
      return { case: "skipped", value: `the format ${request.requestedOutputFormat} isn't spoken` };
  }
}

function read(): ConformanceRequest | undefined {
  const length = readBytes(4);
  if (length === undefined) {
    return undefined;
  }
  const bytes = readBytes(length.readUInt32LE(0));
  if (bytes === undefined) {
    throw new Error("stdin ended within a request");
  }
  return ConformanceRequestCodec.decode(bytes);
}

function readBytes(length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const read = readSync(0, bytes, filled, length - filled, null);
    if (read === 0) {
      return undefined;
    }
    filled += read;
  }
  return bytes;
}

function write(message: Buffer): void {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(message.byteLength);
  const bytes = Buffer.concat([length, message]);
  for (let written = 0; written < bytes.byteLength; ) {
    written += writeSync(1, bytes, written);
  }
}
