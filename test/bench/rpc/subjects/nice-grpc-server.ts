import { once } from "node:events";
import { isAbortError } from "abort-controller-x";
import { type CallContext, createServer, ServerError, type ServerMiddlewareCall, Status } from "nice-grpc";
import { ErrorInfo, errorDetailsServerMiddleware, RichServerError } from "nice-grpc-error-details";
import { type Logger, pino } from "pino";
import {
  BenchServiceDefinition,
  type BenchServiceImplementation,
  type ListEntriesResponse,
  type WatchResponse,
} from "../gen/ts-proto/bench/v1/bench.js";
import { BALANCE, TOO_MUCH, TRANSFER_ID } from "../payloads.js";
import type { BenchServer, SubjectName } from "../subject.js";
import { LARGE_REQUEST } from "./ts-proto-messages.js";

const implementation: BenchServiceImplementation = {
  async ping() {
    return {};
  },
  async transfer({ transfer }) {
    if (transfer?.amount === TOO_MUCH) {
      throw insufficientFunds(String(TOO_MUCH));
    }
    return { transferId: TRANSFER_ID, ...(transfer && { transfer }) };
  },
  async importEntries({ batchId, entries }) {
    return { batchId, entries };
  },
  async *listEntries({ count }): AsyncGenerator<ListEntriesResponse, void> {
    const { entries } = LARGE_REQUEST;
    for (let index = 0; index < count; index += 1) {
      yield { entry: entries[index % entries.length] };
    }
  },
  // biome-ignore lint/correctness/useYield: it sends nothing
  async *watch(_request, { signal }): AsyncGenerator<WatchResponse, void> {
    await once(signal, "abort");
  },
};

function insufficientFunds(amount: string): RichServerError {
  return new RichServerError(Status.FAILED_PRECONDITION, `Balance ${BALANCE} is below ${amount}`, [
    ErrorInfo.fromPartial({
      reason: "INSUFFICIENT_FUNDS",
      domain: "bench.example.com",
      metadata: { balance: BALANCE, amount },
    }),
  ]);
}

export async function startServer(name: SubjectName): Promise<BenchServer> {
  const logger = pino({ level: "info" }, pino.destination({ dest: "/dev/null", sync: true }));
  const plain = createServer();
  const logged = name === "nice-grpc-silent" ? plain : plain.use(logging(logger));
  const server = logged.use(errors).use(errorDetailsServerMiddleware);
  server.add(BenchServiceDefinition, implementation);
  return { port: await server.listen("127.0.0.1:0") };
}

/**
 * The logging middleware of nice-grpc's own documentation: a line when a call comes and one when it ends, with the keys that
 * Accord's lines have. It logs no payloads, as the one there doesn't.
 */
function logging(logger: Logger) {
  return async function* log<Request, Response>(call: ServerMiddlewareCall<Request, Response>, context: CallContext) {
    const startedAt = performance.now();
    const known = { request_id: requestIdOf(call.request), path: call.method.path, peer: context.peer };
    logger.info(known, "request");
    const end = (status: string) => ({ ...known, status, duration_ms: performance.now() - startedAt });
    try {
      const result = yield* call.next(call.request as Request, context);
      logger.info(end("OK"), "response");
      return result;
    } catch (error) {
      if (error instanceof ServerError) {
        logger.warn({ ...end(Status[error.code]), error: error.details }, "response");
      } else if (isAbortError(error)) {
        logger.warn(end("CANCELLED"), "response");
      } else {
        logger.error({ ...end("UNKNOWN"), err: error }, "response");
      }
      throw error;
    }
  };
}

function requestIdOf(message: unknown): unknown {
  return (message as { readonly requestId?: unknown }).requestId;
}

/** The error middleware of nice-grpc's own documentation. */
async function* errors<Request, Response>(call: ServerMiddlewareCall<Request, Response>, context: CallContext) {
  try {
    return yield* call.next(call.request as Request, context);
  } catch (error) {
    if (error instanceof ServerError || isAbortError(error)) {
      throw error;
    }
    throw new ServerError(Status.UNKNOWN, "Unknown server error occurred");
  }
}
