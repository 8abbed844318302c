import { credentials } from "@grpc/grpc-js";
import { BenchServiceClient } from "../gen/es/bench/v1/bench_client.js";
import { buildBenchV1Channel } from "../gen/es/bench/v1/channel.js";
import { InsufficientFundsError } from "../gen/es/bench/v1/errors.js";
import { BATCH_ID, ENTRIES, expectAnswer, TOO_MUCH, TRANSFER, TRANSFER_ID } from "../payloads.js";
import type { BenchClient } from "../subject.js";
import { LARGE_REQUEST, transferInit } from "./es-messages.js";

// The deadline is the contract's.
export function openClient(target: string): BenchClient {
  const client = new BenchServiceClient(buildBenchV1Channel(target, { credentials: credentials.createInsecure() }));
  return {
    async empty() {
      await client.ping({});
    },
    async small() {
      const response = await client.transfer(transferInit(TRANSFER.amount));
      expectAnswer(response.transferId === TRANSFER_ID && response.transfer?.amount === BigInt(TRANSFER.amount));
    },
    async large() {
      const response = await client.importEntries(LARGE_REQUEST);
      expectAnswer(response.batchId === BATCH_ID && response.entries.length === ENTRIES.length);
    },
    async stream(count) {
      let messages = 0;
      for await (const { entry } of client.listEntries({ requestId: TRANSFER.requestId, count })) {
        messages += entry === undefined ? 0 : 1;
      }
      return messages;
    },
    async failing() {
      try {
        await client.transfer(transferInit(TOO_MUCH));
      } catch (error) {
        expectAnswer(error instanceof InsufficientFundsError && error.metadata.amount === String(TOO_MUCH));
        return;
      }
      expectAnswer(false);
    },
  };
}
