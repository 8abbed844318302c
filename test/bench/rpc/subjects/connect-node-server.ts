import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { ErrorInfoSchema } from "../../../../runtime/src/gen/google/rpc/error_details_pb.js";
import { BenchService } from "../gen/es/bench/v1/bench_pb.js";
import { BALANCE, TOO_MUCH } from "../payloads.js";
import type { BenchServer } from "../subject.js";
import { importAnswer, STREAMED, transferAnswer } from "./es-messages.js";

export function startServer(): Promise<BenchServer> {
  const adapter = connectNodeAdapter({
    connect: false,
    grpcWeb: false,
    routes: (router) => {
      router.service(BenchService, {
        async ping() {
          return {};
        },
        async transfer(request) {
          if (request.transfer?.amount === BigInt(TOO_MUCH)) {
            throw insufficientFunds(String(TOO_MUCH));
          }
          return transferAnswer(request);
        },
        async importEntries(request) {
          return importAnswer(request);
        },
        async *listEntries({ count }) {
          for (let index = 0; index < count; index += 1) {
            const entry = STREAMED[index % STREAMED.length];
            yield entry === undefined ? {} : { entry };
          }
        },
        // biome-ignore lint/correctness/useYield: it sends nothing
        async *watch(_request, { signal }) {
          await once(signal, "abort");
        },
      });
    },
  });
  const server = createServer(adapter);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ port: (server.address() as AddressInfo).port }));
  });
}

function insufficientFunds(amount: string): ConnectError {
  const info = { reason: "INSUFFICIENT_FUNDS", domain: "bench.example.com", metadata: { balance: BALANCE, amount } };
  return new ConnectError(`Balance ${BALANCE} is below ${amount}`, Code.FailedPrecondition, undefined, [
    { desc: ErrorInfoSchema, value: info },
  ]);
}
