import { constants } from "node:http2";
import type { PeerCertificate } from "node:tls";
import type { Message } from "@bufbuild/protobuf";
import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { type CallFailure, type ErrorPolicy, failureOf, refused } from "../call/call-failure.js";
import { CallLog, type LogContext, type LoggedCaller } from "../call/call-log.js";
import { runWithCall } from "../call/current-call.js";
import { type CallBehindContext, ServerCallContext } from "../call/server-call-context.js";
import { LONGEST_TIMER_MS } from "../contract/defaults.js";
import { ContractError } from "../errors/contract-error.js";
import type { Logger, LogLevel } from "../log/logger.js";
import { ServerTelemetry } from "../telemetry/server-telemetry.js";
import { normalizeStatus, Status } from "../wire/status.js";
import { checkAuth } from "./auth.js";
import { endsWithinMessage } from "./grpc-js/request-frames.js";
import { peerOf, sentStatus, streamOf } from "./grpc-js/transport-call.js";
import { startHandler } from "./handler-run.js";
import { type IntakeCall, RequestIntake } from "./request-intake.js";
import type { RequestStream } from "./request-stream.js";
import { ResponseSender } from "./response-sender.js";
import type { RunningCall, ServedMethod } from "./served-method.js";

type ServerListener = Parameters<ServerInterceptingCallInterface["start"]>[0];

// How far apart the timers of two calls with one deadline go off: a deadline crosses the wire in whole milliseconds, and
// the calls that a handler makes have one that is a bit earlier.
const TIMER_SLACK_MS = 10;

// A client's clock starts before the server's, by the time that the request travels. So when its deadline passes, its reset
// arrives before the server's own timer is due: a cancel so late is the deadline's.
const DEADLINE_SLACK_MS = 50;

/**
 * One call on a server, from its first byte to its end: it stands where grpc-js has its own handler layer, between
 * grpc-js's intercepting call and the handler.
 *
 * The call is *over* when a status is on its way or the peer has gone: nothing can be sent any more. It is *finished* when
 * the stream is done with: then the `.response` line is written, and a drain stops waiting for it.
 */
export class ServerCall implements ServerListener, CallBehindContext, IntakeCall, LoggedCaller, RunningCall {
  readonly method: ServedMethod;
  readonly log: CallLog;
  readonly #transport: ServerInterceptingCallInterface;
  readonly #telemetry: ServerTelemetry | undefined;
  readonly #startedAt = performance.now();
  // The transport's call, in what the user's interceptors wrapped it.
  #call: ServerInterceptingCallInterface;
  #context: ServerCallContext | undefined;
  #sender: ResponseSender | undefined;
  #errors: ErrorPolicy | undefined;
  #intake: RequestIntake | undefined;
  #responses: AsyncIterator<unknown> | undefined;
  #failure: CallFailure | undefined;
  #leavingStatus: Status | undefined;
  #leavingDetails: string | undefined;
  #over = false;
  #finished = false;
  #deadlineCancelsFrom = Number.POSITIVE_INFINITY;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #peer: string | undefined;

  constructor(method: ServedMethod, transport: ServerInterceptingCallInterface) {
    this.method = method;
    this.log = new CallLog(method, method.logSettings, this, method.log);
    this.#transport = transport;
    this.#telemetry = ServerTelemetry.of(method, transport);
    this.#call = transport;
    this.#errors = method.errors;
  }

  // What grpc-js calls.

  /** Takes what the user's interceptors made of the transport's call. */
  interceptedBy(call: ServerInterceptingCallInterface): this {
    this.#call = call;
    return this;
  }

  /** Starts the call. grpc-js brings a listener of its own, which isn't used. Never throws. */
  start(): void {
    try {
      this.#call.start(this);
    } catch (error) {
      this.fail(error);
    }
    // grpc-js starts nothing on a stream that was reset at once, and says nothing of it either.
    if (this.#context === undefined && this.reset) {
      this.onCancel();
    }
  }

  onReceiveMetadata(metadata: Metadata): void {
    if (this.#over) {
      return;
    }
    const { auth, maxTimeoutMs } = this.method;
    const asked = Number(this.#call.getDeadline());
    const now = Date.now();
    const granted = now + maxTimeoutMs;
    const deadline = Math.min(asked, granted);
    const context = new ServerCallContext(this, metadata, deadline);
    this.#deadlineCancelsFrom = deadline - Math.min(DEADLINE_SLACK_MS, (deadline - now) / 2);
    this.#context = context;
    if (this.#telemetry !== undefined) {
      this.#trace(this.#telemetry, context);
    }
    this.#intake = new RequestIntake(this, this.#call);
    this.#sender = new ResponseSender(this.method, this.#call, context);
    this.method.running.add(this);
    if (granted < asked) {
      this.#deadlineTimer = setTimeout(endAtDeadline, Math.min(maxTimeoutMs, LONGEST_TIMER_MS), this);
    }
    if (auth === undefined) {
      this.#intake.begin();
    } else {
      runWithCall(context, checkAuth, auth.requirement, auth.verifier, context)
        .then(() => this.#begin())
        .catch((error: unknown) => this.fail(error));
    }
  }

  onReceiveMessage(message: unknown): void {
    if (!this.#over) {
      this.#intake?.message(message);
    }
  }

  onReceiveHalfClose(): void {
    if (!this.#over) {
      this.#intake?.halfClose();
    }
  }

  /** The stream is done with, whether the call was cancelled or ended. */
  onCancel(): void {
    if (this.#finished) {
      return;
    }
    this.#finished = true;
    if (!this.#over) {
      this.#over = true;
      this.#tellHandler(this.#deadlinePassed ? Status.DEADLINE_EXCEEDED : Status.CANCELLED);
    }
    this.#sender?.close();
    this.#intake?.close();
    clearTimeout(this.#deadlineTimer);
    this.method.running.remove(this);
    this.#logEnd();
  }

  /** A status goes to the transport, whoever sends it: this call, grpc-js (a deadline, an oversize message), an interceptor. */
  onStatusLeaving(code: number | undefined, details: string | undefined): void {
    if (this.#leavingStatus === undefined) {
      this.#leavingStatus = normalizeStatus(code ?? Status.UNKNOWN);
      this.#leavingDetails = details;
    }
    if (!this.#over) {
      this.#over = true;
      this.#tellHandler(this.#leavingStatus);
    }
  }

  // What the handler needs. None of it throws.

  get over(): boolean {
    return this.#over;
  }

  get reset(): boolean {
    return streamOf(this.#transport)?.closed === true;
  }

  get truncated(): boolean {
    return endsWithinMessage(this.#transport);
  }

  run(input: Message | RequestStream<Message>): void {
    if (this.#context !== undefined) {
      startHandler(this, input, this.#context);
    }
  }

  /** Takes the response of a method that has one, and ends the call. */
  respond(response: unknown): void {
    if (this.#over) {
      this.#logLate("the handler returned after its call had ended", undefined);
      return;
    }
    const failure = this.#sender?.message(response, this.log.readsAnswer);
    if (failure === undefined) {
      this.log.answer(this.#sender?.last);
      this.complete();
    } else {
      this.stop(failure);
    }
  }

  /** Sends one of a stream of responses. A promise that is returned is to be waited for before the next. */
  stream(response: unknown): Promise<void> | undefined {
    if (this.#over) {
      return undefined;
    }
    const outcome = this.#sender?.streamed(response);
    if (outcome === undefined || outcome instanceof Promise) {
      return outcome;
    }
    this.stop(outcome);
    return undefined;
  }

  /** Ends the call well. */
  complete(): void {
    if (this.#over) {
      return;
    }
    if (this.#sender?.mustWait) {
      void this.#sender.sent().then(() => this.complete());
      return;
    }
    this.#end(Status.OK, "OK");
  }

  /** The handler threw. What it throws after the end of its call changes nothing any more. */
  fail(thrown: unknown): void {
    if (this.#over) {
      this.#logLate("the handler threw after its call had ended", thrown);
      return;
    }
    const failure = failureOf(thrown, this.#errors ?? this.method.fallbackErrors);
    this.#failure =
      failure.errorId !== undefined && this.#ranOutOfTime(thrown)
        ? refused(Status.DEADLINE_EXCEEDED, "Deadline exceeded", "warn", thrown)
        : failure;
    this.#end(this.#failure.status, this.#failure.message);
  }

  /** Knows the iterator of the handler's responses, so that it can be told when the call is over. */
  iterateOver(responses: AsyncIterator<unknown>): void {
    this.#responses = responses;
    if (this.#over) {
      this.closeResponses();
    }
  }

  /** Ends the handler's iteration early, so that its `finally` blocks run. Once; what they throw is only logged. */
  closeResponses(): void {
    const responses = this.#responses;
    this.#responses = undefined;
    if (responses === undefined || this.#context === undefined) {
      return;
    }
    runWithCall(this.#context, async () => responses.return?.()).catch((err: unknown) => {
      this.logger.error({ path: this.path, err }, `${this.desc.localName}: the handler's clean-up failed`);
    });
  }

  // What the server does.

  /** Ends the call while its handler may be running, and tells the handler. `false` if the call was over. */
  stop(failure: CallFailure): boolean {
    if (this.#over) {
      return false;
    }
    this.#failure = failure;
    this.#end(failure.status, failure.message);
    this.#tellHandler(failure.status);
    return true;
  }

  // What the call's context and its log ask for.

  get desc(): ServedMethod["desc"] {
    return this.method.desc;
  }

  get path(): string {
    return this.method.path;
  }

  get logger(): Logger {
    return this.method.logSettings.logger;
  }

  get logFields(): Readonly<Record<string, unknown>> {
    // What the contract binds here replaces it, when the request has come.
    this.log.fields.request_id ??= this.requestId;
    return this.log.fields;
  }

  get requestId(): string | undefined {
    return this.#context?.requestId;
  }

  get peer(): string {
    this.#peer ??= peerOf(this.#transport);
    return this.#peer;
  }

  get peerCertificate(): PeerCertificate | undefined {
    return this.#transport.getAuthContext().sslPeerCertificate;
  }

  get requestMetadata(): Metadata | undefined {
    return this.#context?.requestMetadata;
  }

  sendHeaders(): void {
    if (!this.#over) {
      this.#sender?.headers();
    }
  }

  adoptErrors(policy: ErrorPolicy): void {
    this.#errors ??= policy;
  }

  adoptLog(log: LogContext): void {
    this.log.addContext(log);
  }

  declares(exception: abstract new (...args: never[]) => unknown): boolean {
    const raises = this.#errors?.raises ?? [];
    return raises.some((declared) => exception === declared || exception.prototype instanceof declared);
  }

  #trace(telemetry: ServerTelemetry, context: ServerCallContext): void {
    telemetry.received(context.requestMetadata, this.#transport);
    context.telemetryContext = telemetry.context;
    if (telemetry.context !== undefined) {
      this.log.traceIn(telemetry.context);
    }
  }

  #begin(): void {
    // It may have ended while the verifier was asked.
    if (!this.#over) {
      this.#intake?.begin();
    }
  }

  #end(code: Status, details: string): void {
    this.#over = true;
    this.#sender?.close();
    try {
      if (this.#sender === undefined) {
        this.#call.sendStatus({ code, details, metadata: null });
      } else if (this.#sender.broken) {
        streamOf(this.#transport)?.close(constants.NGHTTP2_INTERNAL_ERROR);
      } else {
        this.#sender.status(code, details, this.#failure);
      }
    } catch (err) {
      // Trailers that HTTP/2 refuses; the status can still go. An interceptor's fault isn't ours to mend.
      this.logger.error({ path: this.path, err }, `${this.desc.localName}: the trailers couldn't be sent`);
      this.#transport.sendStatus({ code, details, metadata: null });
    }
  }

  #tellHandler(status: Status): void {
    const reason = abortReason(status);
    this.#context?.abort(reason);
    this.#intake?.fail(reason);
    this.#sender?.close();
    this.closeResponses();
  }

  /** A call that the handler made ended at this call's deadline, and said so before this call's own timer. */
  #ranOutOfTime(thrown: unknown): boolean {
    return (
      thrown instanceof ContractError &&
      thrown.remote &&
      thrown.status === Status.DEADLINE_EXCEEDED &&
      this.#context !== undefined &&
      this.#context.timeRemaining() <= TIMER_SLACK_MS
    );
  }

  get #deadlinePassed(): boolean {
    return Date.now() >= this.#deadlineCancelsFrom;
  }

  get #finalStatus(): Status {
    if (this.#sender?.broken) {
      return Status.INTERNAL;
    }
    // A status that is still behind messages that the peer doesn't read hasn't been sent.
    const sent = sentStatus(this.#transport, this.#leavingStatus);
    return sent ?? (this.#deadlinePassed ? Status.DEADLINE_EXCEEDED : Status.CANCELLED);
  }

  #logLate(what: string, err: unknown): void {
    this.logger.debug({ path: this.path, err }, `${this.desc.localName}: ${what}`);
  }

  #logEnd(): void {
    const status = this.#finalStatus;
    // The failure tells of another status if the peer left before it was sent, or an interceptor changed it.
    const failure = this.#failure?.status === status ? this.#failure : undefined;
    // What grpc-js or an interceptor said by itself is known from its status only.
    const told = status === this.#leavingStatus && status !== Status.OK ? this.#leavingDetails : undefined;
    const message = failure?.message ?? told;
    const durationMs = performance.now() - this.#startedAt;
    const requests = this.#intake?.count ?? 0;
    this.log.request(this.#intake?.request);
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
      responses: this.#sender?.count ?? 0,
    });
    // Behind the log, which sets its context on the span.
    this.#telemetry?.ended({ status, message, failure, durationMs, requests, sentBytes: this.#sender?.bytes ?? 0 });
  }
}

const LEVELS: Partial<Record<Status, LogLevel>> = {
  [Status.OK]: "info",
  [Status.CANCELLED]: "warn",
  [Status.DEADLINE_EXCEEDED]: "warn",
};

function endAtDeadline(call: ServerCall): void {
  call.stop(refused(Status.DEADLINE_EXCEEDED, "Deadline exceeded"));
}

/** Why a handler's signal is aborted. */
function abortReason(status: Status): Error {
  switch (status) {
    case Status.DEADLINE_EXCEEDED:
      return new DOMException("The call's deadline has passed", "TimeoutError");
    case Status.CANCELLED:
      return new DOMException("The caller cancelled the call", "AbortError");
    default:
      return new DOMException("The call was ended before its handler", "AbortError");
  }
}
