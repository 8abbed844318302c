import { ChannelCredentials } from "@grpc/grpc-js";
import { buildLedgerV1Channel } from "../../../example/src/gen/ledger/v1/channel.js";
import { LedgerServiceClient } from "../../../example/src/gen/ledger/v1/ledger_client.js";
import type { Caller } from "./compare.js";

/** A small request that keeps its rules. */
export const TRANSFER_REQUEST = {
  requestId: "0b9a5c4e-7a52-4a6e-9a5f-1d2c3b4a5f60",
  transfer: {
    sourceAccountId: "checking-ada",
    destinationAccountId: "savings-bob",
    amount: { minorUnits: 1250n, currencyCode: "EUR" },
    memo: "Thank you for the fish",
  },
};

/** Calls the ledger's `Transfer` by gRPC: a small unary call. */
export function ledgerCaller(address: string): Caller {
  const channel = buildLedgerV1Channel(address, { credentials: ChannelCredentials.createInsecure() });
  const client = new LedgerServiceClient(channel);
  // Of a busy machine, a round may take longer than the contract has it.
  return { call: () => client.transfer(TRANSFER_REQUEST, { timeoutMs: 60_000 }), close: () => channel.close() };
}
