import type { Message } from "@bufbuild/protobuf";
import type { CallFailure } from "../call/call-failure.js";
import { runWithCall } from "../call/current-call.js";
import { Interception } from "../call/interception.js";
import type { LogLevel } from "../log/logger.js";
import { ServerTelemetry } from "../telemetry/server-telemetry.js";
import { Status, statusName } from "../wire/status.js";
import { CallPlace } from "./admission.js";
import { AnsweredCall } from "./answered-call.js";
import { checkAuth } from "./auth.js";
import { startHandler, startIntercepted } from "./handler-run.js";
import type { RunningCall, ServedMethod } from "./served-method.js";
import type { CallReceiver, CallTransport } from "./transport/call-transport.js";
import type { UnbegunReason } from "./unbegun-calls.js";

/** One call on a server, from its headers to its end: it stands between what carries the call and its handler. */
export class ServerCall extends AnsweredCall implements CallReceiver, RunningCall {
  readonly #telemetry: ServerTelemetry | undefined;
  /** What it takes of a server that has a limit: its place, or none, as there was none left. `undefined` without a limit. */
  #place: CallPlace | "shed" | undefined;

  /** @param timeoutMs what the caller grants; `Infinity`: any time */
  constructor(method: ServedMethod, transport: CallTransport, timeoutMs: number) {
    super(method, transport, timeoutMs);
    this.#telemetry = ServerTelemetry.of(method);
    method.running.add(this);
  }

  /** Serves the call, or ends it because of what its headers say. */
  begin(refusal: CallFailure | undefined): void {
    if (this.#telemetry !== undefined) {
      this.#trace(this.#telemetry);
    }
    const refused = refusal ?? this.#takePlace();
    if (refused !== undefined) {
      this.stop(refused);
      return;
    }
    const { auth } = this.method;
    if (auth === undefined) {
      this.#serve();
    } else {
      // A verifier may be at it still when the call ends: it is told, as a handler would be.
      runWithCall(this.context, checkAuth, auth, this.context)
        .then(() => this.#serve())
        .catch((error: unknown) => this.turnAway(error));
    }
  }

  onRoom(): void {
    this.sender.onRoom();
  }

  onClose(): void {
    this.abandon();
    this.sender.close();
    this.intake.close();
    this.method.running.remove(this);
    const status = this.finalStatus;
    const durationMs = performance.now() - this.receivedAt;
    this.method.load?.ended(status);
    if (this.#place instanceof CallPlace) {
      this.#place.callEnded(this.handler, status, durationMs);
    }
    this.#tellEnd(status, durationMs);
  }

  // What the handler needs.

  get interception(): Interception {
    this.context.interception ??= new Interception(() => this.#askForRequest());
    return this.context.interception;
  }

  seenRequest(request: Message): Message | undefined {
    const { interception } = this.context;
    if (interception === undefined) {
      return request;
    }
    try {
      return interception.seenRequest(request);
    } catch (error) {
      this.turnAway(error);
      return undefined;
    }
  }

  requestReady(request: Message): void {
    this.handlerRuns();
    startHandler(this, request, this.context);
  }

  protected override handlerDone(): void {
    if (this.#place instanceof CallPlace) {
      this.#place.handlerDone();
    }
  }

  #trace(telemetry: ServerTelemetry): void {
    telemetry.received(this.carrier);
    this.context.telemetryContext = telemetry.context;
    if (telemetry.context !== undefined) {
      this.log.traceIn(telemetry.context);
    }
  }

  /** Returns what refuses the call, if the server has no place for it. */
  #takePlace(): CallFailure | undefined {
    const { admission } = this.method;
    if (admission === undefined) {
      return undefined;
    }
    const answer = admission.begin(this.method, this.context.deadlineMs - Date.now());
    if (answer instanceof CallPlace) {
      this.#place = answer;
      return undefined;
    }
    this.#place = "shed";
    return answer;
  }

  /** Runs what stands around the handler, or reads what the handler needs. */
  #serve(): void {
    // It may have ended while the verifier was asked.
    if (this.over) {
      return;
    }
    this.method.load?.reportIn(() => this.context.responseTrailers);
    const { handlerInterceptors, streamsRequests } = this.method;
    if (handlerInterceptors.length > 0) {
      startIntercepted(this, this.context, async () => (streamsRequests ? this.intake.requests : this.intake.ask()));
    } else if (streamsRequests) {
      this.handlerRuns();
      startHandler(this, this.intake.requests, this.context);
    } else {
      this.intake.begin();
    }
  }

  #askForRequest(): Promise<Message> {
    return this.method.streamsRequests
      ? Promise.reject(new TypeError(`${this.path} takes a stream of requests: use onRequest()`))
      : this.intake.ask();
  }

  #tellEnd(status: Status, durationMs: number): void {
    // The failure tells of another status if the peer left before it was sent.
    const failure = this.failure?.status === status ? this.failure : undefined;
    const message = failure?.message;
    const requests = this.intake.count;
    const unbegun = this.#unbegun(status);
    if (unbegun !== undefined) {
      this.method.unbegun.add(unbegun);
      const fields = { path: this.path, peer: this.peer, status: statusName(status), error: message };
      this.logger.debug(fields, this.method.responseLine);
    } else {
      this.log.request(this.intake.request);
      this.log.response({
        code: failure?.code,
        message,
        errorId: failure?.errorId,
        undeclared: failure?.undeclared,
        err: failure?.err,
        status,
        level: failure?.level ?? LEVELS[status] ?? "error",
        durationMs,
        requests,
        responses: this.sender.count,
      });
    }
    // Behind the log, which sets its context on the span.
    this.#telemetry?.ended({
      status,
      message,
      failure,
      durationMs,
      requests,
      sentBytes: this.sender.bytes,
      receivedBytes: this.carrier.receivedBytes,
    });
  }

  /** Why the handler never ran, if that is nobody's fault. */
  #unbegun(status: Status): UnbegunReason | undefined {
    if (this.#place === "shed") {
      return "shed";
    }
    return status === Status.CANCELLED && this.handler === "waiting" ? "left" : undefined;
  }
}

const LEVELS: Partial<Record<Status, LogLevel>> = {
  [Status.OK]: "info",
  [Status.CANCELLED]: "warn",
  [Status.DEADLINE_EXCEEDED]: "warn",
};
