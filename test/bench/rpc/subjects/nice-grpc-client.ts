import { createChannel, createClientFactory } from "nice-grpc";
import { deadlineMiddleware } from "nice-grpc-client-middleware-deadline";
import { ErrorInfo, errorDetailsClientMiddleware, RichClientError } from "nice-grpc-error-details";
import { BenchServiceDefinition } from "../gen/ts-proto/bench/v1/bench.js";
import { BATCH_ID, ENTRIES, expectAnswer, TIMEOUT_MS, TOO_MUCH, TRANSFER, TRANSFER_ID } from "../payloads.js";
import type { BenchClient } from "../subject.js";
import { LARGE_REQUEST, transferRequest } from "./ts-proto-messages.js";

const options = { deadline: TIMEOUT_MS };

export function openClient(target: string): BenchClient {
  const client = createClientFactory()
    .use(errorDetailsClientMiddleware)
    .use(deadlineMiddleware)
    .create(BenchServiceDefinition, createChannel(target));
  return {
    async empty() {
      await client.ping({}, options);
    },
    async small() {
      const response = await client.transfer(transferRequest(TRANSFER.amount), options);
      expectAnswer(response.transferId === TRANSFER_ID && response.transfer?.amount === TRANSFER.amount);
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
        await client.transfer(transferRequest(TOO_MUCH), options);
      } catch (error) {
        const details = error instanceof RichClientError ? error.extra : [];
        const info = details.find((detail): detail is ErrorInfo => detail.$type === ErrorInfo.$type);
        expectAnswer(info?.reason === "INSUFFICIENT_FUNDS" && info.metadata.amount === String(TOO_MUCH));
        return;
      }
      expectAnswer(false);
    },
  };
}
