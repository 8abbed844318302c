import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Entry,
  EntrySchema,
  type ImportEntriesRequest,
  ImportEntriesRequestSchema,
  type ImportEntriesResponseSchema,
  TransferKind,
  type TransferRequest,
  type TransferRequestSchema,
  type TransferResponseSchema,
} from "../gen/es/bench/v1/bench_pb.js";
import { BATCH_ID, ENTRIES, TRANSFER, TRANSFER_ID } from "../payloads.js";

// The messages of all subjects that use protobuf-es.

/** A request, as a caller writes it. */
export function transferInit(amount: number): MessageInitShape<typeof TransferRequestSchema> {
  const { requestId, fromAccount, toAccount, currency, valueTimeMs, tags } = TRANSFER;
  return {
    requestId,
    transfer: {
      fromAccount,
      toAccount,
      amount: BigInt(amount),
      currency,
      kind: TransferKind.PAYMENT,
      valueTime: timestampFromMs(valueTimeMs),
      tags,
    },
  };
}

/** A response, as a handler writes it. */
export function transferAnswer({ transfer }: TransferRequest): MessageInitShape<typeof TransferResponseSchema> {
  return { transferId: TRANSFER_ID, ...(transfer && { transfer }) };
}

export const LARGE_REQUEST: ImportEntriesRequest = create(ImportEntriesRequestSchema, {
  batchId: BATCH_ID,
  entries: ENTRIES.map((entry) => entryMessage(entry)),
});

/** A response, as a handler writes it. */
export function importAnswer(request: ImportEntriesRequest): MessageInitShape<typeof ImportEntriesResponseSchema> {
  return { batchId: request.batchId, entries: request.entries };
}

/** The entries that are streamed. */
export const STREAMED: readonly Entry[] = LARGE_REQUEST.entries;

function entryMessage({ amount, valueTimeMs, ...rest }: (typeof ENTRIES)[number]): Entry {
  return create(EntrySchema, { ...rest, amount: BigInt(amount), valueTime: timestampFromMs(valueTimeMs) });
}
