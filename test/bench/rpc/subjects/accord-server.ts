import type { MessageInitShape } from "@bufbuild/protobuf";
import { pino } from "pino";
import type { ListEntriesResponseSchema } from "../gen/es/bench/v1/bench_pb.js";
import type { BenchServiceServicer } from "../gen/es/bench/v1/bench_servicer.js";
import { InsufficientFundsError } from "../gen/es/bench/v1/errors.js";
import { createBenchV1Server } from "../gen/es/bench/v1/server.js";
import { BALANCE, TOO_MUCH } from "../payloads.js";
import type { BenchServer, SubjectName } from "../subject.js";
import { importAnswer, STREAMED, transferAnswer } from "./es-messages.js";

const servicer: BenchServiceServicer = {
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
};

export async function startServer(name: SubjectName): Promise<BenchServer> {
  const logger =
    name === "accord-silent"
      ? pino({ level: "silent" })
      : pino({ level: "info" }, pino.destination({ dest: "/dev/null", sync: true }));
  const payloads = name === "accord-no-payload" ? { payloadLimit: 0 } : {};
  const server = createBenchV1Server({ bench: servicer }, { logger, handleSignals: false, ...payloads });
  return server.start("127.0.0.1:0");
}
