import { once } from "node:events";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Logger, pino } from "pino";
import type { ListEntriesResponseSchema, WatchResponseSchema } from "../gen/es/bench/v1/bench_pb.js";
import type { BenchServiceServicer } from "../gen/es/bench/v1/bench_servicer.js";
import { InsufficientFundsError } from "../gen/es/bench/v1/errors.js";
import { createBenchV1Server } from "../gen/es/bench/v1/server.js";
import { BALANCE, TOO_MUCH } from "../payloads.js";
import type { BenchServer, SubjectName } from "../subject.js";
import { importAnswer, STREAMED, transferAnswer } from "./es-messages.js";

const servicer: BenchServiceServicer = {
  async ping() {
    return {};
  },
  async transfer(request) {
    if (request.transfer?.amount === BigInt(TOO_MUCH)) {
      throw new InsufficientFundsError({ balance: BALANCE, amount: String(TOO_MUCH) });
    }
    return transferAnswer(request);
  },
  async importEntries(request) {
    return importAnswer(request);
  },
  async *listEntries({ count }): AsyncGenerator<MessageInitShape<typeof ListEntriesResponseSchema>> {
    for (let index = 0; index < count; index += 1) {
      const entry = STREAMED[index % STREAMED.length];
      yield entry === undefined ? {} : { entry };
    }
  },
  // biome-ignore lint/correctness/useYield: it sends nothing
  async *watch(_request, { signal }): AsyncGenerator<MessageInitShape<typeof WatchResponseSchema>> {
    await once(signal, "abort");
  },
};

/** As many as anybody opens: the others have no limit either. */
const MAX_STREAMS = 1_000_000;

export async function startServer(name: SubjectName): Promise<BenchServer> {
  const payloads = name === "accord-no-payload" ? { payloadLimit: 0 } : {};
  const server = createBenchV1Server(
    { bench: servicer },
    { ...loggerOf(name), handleSignals: false, maxConcurrentStreams: MAX_STREAMS, ...payloads },
  );
  return server.start("127.0.0.1:0");
}

/** Accord's own logger is there for who names none. */
function loggerOf(name: SubjectName): { readonly logger?: Logger } {
  switch (name) {
    case "accord-silent":
      return { logger: pino({ level: "silent" }) };
    case "accord-pino":
      return { logger: pino({ level: "info" }, pino.destination({ dest: "/dev/null", sync: true })) };
    default:
      return {};
  }
}
