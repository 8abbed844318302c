import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ErrorInfoSchema } from "../../../../runtime/src/gen/google/rpc/error_details_pb.js";
import { BenchService } from "../gen/es/bench/v1/bench_pb.js";
import { BATCH_ID, ENTRIES, expectAnswer, TIMEOUT_MS, TOO_MUCH, TRANSFER, TRANSFER_ID } from "../payloads.js";
import type { BenchClient } from "../subject.js";
import { LARGE_REQUEST, transferInit } from "./es-messages.js";

const options = { timeoutMs: TIMEOUT_MS };

export function openClient(target: string): BenchClient {
  const client = createClient(BenchService, createGrpcTransport({ baseUrl: `http://${target}` }));
  return {
    async empty() {
      await client.ping({}, options);
    },
    async small() {
      const response = await client.transfer(transferInit(TRANSFER.amount), options);
      expectAnswer(response.transferId === TRANSFER_ID && response.transfer?.amount === BigInt(TRANSFER.amount));
    },
    async large() {
      const response = await client.importEntries(LARGE_REQUEST, options);
      expectAnswer(response.batchId === BATCH_ID && response.entries.length === ENTRIES.length);
    },
    async stream(count) {
      let messages = 0;
      for await (const { entry } of client.listEntries({ requestId: TRANSFER.requestId, count }, options)) {
        messages += entry === undefined ? 0 : 1;
      }
      return messages;
    },
    async failing() {
      try {
        await client.transfer(transferInit(TOO_MUCH), options);
      } catch (error) {
        const [info] = error instanceof ConnectError ? error.findDetails(ErrorInfoSchema) : [];
        expectAnswer(info?.reason === "INSUFFICIENT_FUNDS" && info.metadata.amount === String(TOO_MUCH));
        return;
      }
      expectAnswer(false);
    },
  };
}
