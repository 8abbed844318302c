import {
  type Entry,
  type ImportEntriesRequest,
  type Transfer,
  TransferKind,
  type TransferRequest,
} from "../gen/ts-proto/bench/v1/bench.js";
import { BATCH_ID, ENTRIES, TRANSFER } from "../payloads.js";

// The messages of all subjects that use ts-proto, as its users write them.

/** A request, as a caller writes it. */
export function transferRequest(amount: number): TransferRequest {
  const { requestId, fromAccount, toAccount, currency, valueTimeMs, tags } = TRANSFER;
  const valueTime = new Date(valueTimeMs);
  const kind = TransferKind.TRANSFER_KIND_PAYMENT;
  const transfer: Transfer = { fromAccount, toAccount, amount, currency, kind, valueTime, tags };
  return { requestId, transfer };
}

export const LARGE_REQUEST: ImportEntriesRequest = {
  batchId: BATCH_ID,
  entries: ENTRIES.map(({ valueTimeMs, ...rest }): Entry => ({ ...rest, valueTime: new Date(valueTimeMs) })),
};
