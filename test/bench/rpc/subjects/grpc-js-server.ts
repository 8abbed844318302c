import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerWritableStream, type UntypedServiceImplementation } from "@grpc/grpc-js";
import {
  type ImportEntriesRequest,
  ImportEntriesResponseSchema,
  type ListEntriesRequest,
  type ListEntriesResponse,
  ListEntriesResponseSchema,
  PingResponseSchema,
  type TransferRequest,
  TransferResponseSchema,
  type WatchRequest,
  type WatchResponse,
} from "../gen/es/bench/v1/bench_pb.js";
import { BALANCE, TOO_MUCH } from "../payloads.js";
import type { BenchServer } from "../subject.js";
import { importAnswer, STREAMED, transferAnswer } from "./es-messages.js";
import { BENCH_DEFINITION } from "./grpc-js-definition.js";
import { InsufficientFunds, packed } from "./status-by-hand.js";

type Callback = (error: object | null, response?: object) => void;

const handlers = {
  ping(_call: unknown, callback: Callback) {
    callback(null, create(PingResponseSchema));
  },
  transfer({ request }: { readonly request: TransferRequest }, callback: Callback) {
    try {
      if (request.transfer?.amount === BigInt(TOO_MUCH)) {
        throw new InsufficientFunds(BALANCE, String(TOO_MUCH));
      }
      callback(null, create(TransferResponseSchema, transferAnswer(request)));
    } catch (error) {
      callback(error instanceof InsufficientFunds ? packed(error) : { code: 13, details: "Internal error" });
    }
  },
  importEntries({ request }: { readonly request: ImportEntriesRequest }, callback: Callback) {
    callback(null, create(ImportEntriesResponseSchema, importAnswer(request)));
  },
  async listEntries(call: ServerWritableStream<ListEntriesRequest, ListEntriesResponse>) {
    const { count } = call.request;
    for (let index = 0; index < count && !call.cancelled; index += 1) {
      const entry = STREAMED[index % STREAMED.length];
      if (!call.write(create(ListEntriesResponseSchema, entry && { entry }))) {
        await once(call, "drain");
      }
    }
    call.end();
  },
  watch(call: ServerWritableStream<WatchRequest, WatchResponse>) {
    call.on("cancelled", () => call.end());
  },
};

export function startServer(): Promise<BenchServer> {
  const server = new Server();
  server.addService(BENCH_DEFINITION, handlers as unknown as UntypedServiceImplementation);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) {
        resolve({ port });
      } else {
        reject(error);
      }
    });
  });
}
