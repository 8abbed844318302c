import type { CallContext } from "../src/call/call-context.js";
import { grpcErrorHandler } from "../src/call/grpc-error-handler.js";
import { grpcLogger } from "../src/call/grpc-logger.js";
import type { ProbeRequest } from "./gen/probe/v1/probe_pb.js";
import { PROBE_ERROR_MAP, TooLowError } from "./probe-service.js";

class DriverError extends Error {}

const ERRORS = PROBE_ERROR_MAP.extend([[DriverError, () => new TooLowError({ balance: "0" })]]);

/** A servicer that carries its wrappers by hand, as decorators. */
export class DecoratedServicer {
  readonly #greeting: string;

  constructor(greeting: string) {
    this.#greeting = greeting;
  }

  @grpcLogger((request: ProbeRequest) => ({ who: request.id }), {
    prefix: "probe",
    response: (response: { id: string }) => ({ answer: response.id }),
  })
  @grpcErrorHandler(ERRORS, [TooLowError])
  async unary({ id, action }: ProbeRequest, context: CallContext): Promise<{ id: string }> {
    context.logger.info({ step: 1 }, "at work");
    if (action === "driver") {
      throw new DriverError("unique violation");
    }
    if (action === "unknown") {
      throw new Error("unknown");
    }
    return { id: this.#greeting + id };
  }

  @grpcLogger()
  @grpcErrorHandler(ERRORS)
  async clientStream(requests: AsyncIterable<ProbeRequest>): Promise<{ count: bigint }> {
    let count = 0n;
    for await (const request of requests) {
      if (request.action === "driver") {
        throw new DriverError("unique violation");
      }
      count += 1n;
    }
    return { count };
  }

  @grpcLogger()
  @grpcErrorHandler(ERRORS)
  async *serverStream({ action }: ProbeRequest): AsyncGenerator<{ count: bigint }> {
    yield { count: 1n };
    if (action === "driver") {
      throw new DriverError("unique violation");
    }
    yield { count: 2n };
  }

  @grpcLogger()
  @grpcErrorHandler(ERRORS)
  bidiStream(requests: AsyncIterable<ProbeRequest>): AsyncIterable<{ id: string }> {
    return (async function* () {
      for await (const { id } of requests) {
        yield { id };
      }
    })();
  }
}
