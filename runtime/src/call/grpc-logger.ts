import { create, type DescMethod, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { context as telemetry, trace } from "@opentelemetry/api";
import { ContractError } from "../errors/contract-error.js";
import type { LogFields } from "../log/log-fields.js";
import { DEFAULT_PAYLOAD_LIMIT } from "../log/payload-text.js";
import { Status } from "../wire/status.js";
import type { CallContext } from "./call-context.js";
import { failureOf, undeclaredErrors } from "./call-failure.js";
import { CallLog, type LogContext, loggedMethod, logSettings } from "./call-log.js";
import type { LogPolicy } from "./log-policy.js";
import { type AnyMethod, contextOf, dispatchedCall, isAsyncIterable, isThenable, layered } from "./method-layer.js";
import type { MethodWrapper } from "./servicer-method.js";

/** What {@link grpcLogger} can be told beyond the request's log context. */
export interface GrpcLoggerOptions<Response = unknown> {
  /** What goes before the keys on spans: `<prefix>.<key>`. Default: the service's package without its version. */
  readonly prefix?: string;
  /** The log fields that are read from the response, for the `.response` line. Not for streamed responses. */
  readonly response?: (response: Response) => LogFields;
  /**
   * Fields that the payloads of requests and responses show as `[REDACTED]`, beside those with `debug_redact`, by their full
   * names: `ledger.v1.Transfer.iban`. Generated code names here what the contract masks or drops.
   */
  readonly redact?: readonly string[];
  /** How the lines are written. What a server's options say goes before it. */
  readonly policy?: LogPolicy;
}

/**
 * Logs each call of a method in two lines, `<method>.request` and `<method>.response`, with the log context bound to both
 * and set on the active span. It is a wrapper and a method decorator in one, for all four kinds, and stands outermost.
 *
 * In a served call the dispatcher writes the lines, so that calls are logged too that end before the method runs: what
 * can't be decoded, what is too large. However many loggers a method carries, there are two lines.
 *
 * @param requestContext the log fields of a request, or of the first one of a stream
 */
export function grpcLogger<Request, Response = unknown>(
  requestContext?: (request: Request) => LogFields,
  options: GrpcLoggerOptions<Response> = {},
): MethodWrapper {
  const { response, prefix, redact, policy } = options;
  const log: LogContext = { request: requestContext, response, prefix, redact: redact && new Set(redact), policy };
  return <Method extends (...args: never[]) => unknown>(method: Method): Method => {
    const inner = method as unknown as AnyMethod;
    return layered<Method>(
      function (this: unknown, input: never, context: CallContext): unknown {
        const known = contextOf(context);
        const call = dispatchedCall(known);
        call?.adoptLog(log);
        // Without a context there is no logger, and nothing to say which method this is.
        if (call !== undefined || known === undefined) {
          return inner.call(this, input, context);
        }
        const direct = new DirectCall(known, log);
        return direct.run(input, (ownInput) => inner.call(this, ownInput, context));
      },
      { log, inner },
    );
  };
}

/** A call of a wrapped method that no server dispatches: a unit test's, say. It logs as a served one does. */
class DirectCall {
  readonly #log: CallLog;
  readonly #method: DescMethod;
  readonly #streamsRequests: boolean;
  readonly #startedAt = performance.now();
  #requests = 0;
  #responses = 0;

  constructor(context: CallContext, log: LogContext) {
    const method = loggedMethod(context.method);
    // Of calls that nobody serves, each is the first.
    const settings = logSettings(context.logger, DEFAULT_PAYLOAD_LIMIT, log.policy);
    this.#log = new CallLog(method, settings, context, log);
    if (trace.getActiveSpan() !== undefined) {
      this.#log.traceIn(telemetry.active());
    }
    this.#method = context.method;
    this.#streamsRequests = method.streamsRequests;
  }

  run(input: never, body: (input: never) => unknown): unknown {
    let ownInput = input;
    if (this.#streamsRequests && isAsyncIterable(input)) {
      ownInput = this.#countingRequests(input) as never;
    } else {
      this.#log.request(input);
    }
    let result: unknown;
    try {
      result = body(ownInput);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
    if (isAsyncIterable(result)) {
      return this.#countingResponses(result);
    }
    if (isThenable(result)) {
      return result.then(
        (response) => this.#ended(response),
        (error: unknown) => {
          this.#failed(error);
          throw error;
        },
      );
    }
    return this.#ended(result);
  }

  async *#countingRequests(requests: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    for await (const request of requests) {
      this.#requests += 1;
      this.#log.request(request as Message);
      yield request;
    }
  }

  async *#countingResponses(responses: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    let whole = false;
    try {
      for await (const response of responses) {
        this.#responses += 1;
        yield response;
      }
      whole = true;
    } catch (error) {
      this.#failed(error);
      throw error;
    } finally {
      // Whoever leaves the iteration early cancels the call. After a failure this writes nothing.
      this.#end(whole ? Status.OK : Status.CANCELLED, whole ? "info" : "warn");
    }
  }

  #ended<Response>(response: Response): Response {
    const { output } = this.#method;
    this.#log.answer(create(output, response as MessageInitShape<typeof output>));
    this.#end(Status.OK, "info");
    return response;
  }

  #failed(error: unknown): void {
    const failure = failureOf(error, {
      ...undeclaredErrors(this.#method.parent.file.proto.package),
      anyContract: true,
    });
    const level = error instanceof ContractError ? "warn" : "error";
    // Which errors are declared is the error handler's to know, and no server asks it here.
    this.#end(failure.status, level, { ...failure, undeclared: undefined });
  }

  #end(status: Status, level: "info" | "warn" | "error", more: object = {}): void {
    this.#log.response({
      ...more,
      status,
      level,
      durationMs: performance.now() - this.#startedAt,
      requests: this.#requests,
      responses: this.#responses,
    });
  }
}
