import { create } from "@bufbuild/protobuf";
import { Client, credentials, type MethodDefinition, type ServiceError } from "@grpc/grpc-js";
import { ListEntriesRequestSchema, PingRequestSchema, TransferRequestSchema } from "../gen/es/bench/v1/bench_pb.js";
import { BATCH_ID, ENTRIES, expectAnswer, TIMEOUT_MS, TOO_MUCH, TRANSFER, TRANSFER_ID } from "../payloads.js";
import type { BenchClient } from "../subject.js";
import { LARGE_REQUEST, transferInit } from "./es-messages.js";
import { BENCH_DEFINITION } from "./grpc-js-definition.js";
import { InsufficientFunds, unpacked } from "./status-by-hand.js";

export function openClient(target: string): BenchClient {
  const client = new Client(target, credentials.createInsecure());
  const { ping, transfer, importEntries, listEntries } = BENCH_DEFINITION;
  return {
    async empty() {
      await unary(client, ping, create(PingRequestSchema));
    },
    async small() {
      const response = await unary(client, transfer, create(TransferRequestSchema, transferInit(TRANSFER.amount)));
      expectAnswer(response.transferId === TRANSFER_ID && response.transfer?.amount === BigInt(TRANSFER.amount));
    },
    async large() {
      const response = await unary(client, importEntries, LARGE_REQUEST);
      expectAnswer(response.batchId === BATCH_ID && response.entries.length === ENTRIES.length);
    },
    stream(count) {
      return new Promise((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = listEntries;
        const request = create(ListEntriesRequestSchema, { requestId: TRANSFER.requestId, count });
        const options = { deadline: Date.now() + TIMEOUT_MS };
        let messages = 0;
        client
          .makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, options)
          .on("data", (response) => {
            messages += response.entry === undefined ? 0 : 1;
          })
          .on("end", () => resolve(messages))
          .on("error", reject);
      });
    },
    async failing() {
      try {
        await unary(client, transfer, create(TransferRequestSchema, transferInit(TOO_MUCH)));
      } catch (error) {
        expectAnswer(error instanceof InsufficientFunds && error.amount === String(TOO_MUCH));
        return;
      }
      expectAnswer(false);
    },
  };
}

function unary<Request, Response>(
  client: Client,
  method: MethodDefinition<Request, Response>,
  request: Request,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      { deadline: Date.now() + TIMEOUT_MS },
      (error: ServiceError | null, response?: Response) => {
        if (response === undefined || error !== null) {
          reject(error === null ? new Error("No response came") : unpacked(error));
        } else {
          resolve(response);
        }
      },
    );
  });
}
