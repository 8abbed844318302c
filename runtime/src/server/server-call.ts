import type { PeerCertificate } from "node:tls";
import type { Message } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import { type CallFailure, type ErrorPolicy, failureOf, refused } from "../call/call-failure.js";
import { CallLog, type LogContext, type LoggedCaller } from "../call/call-log.js";
import { runWithCall } from "../call/current-call.js";
import { Interception } from "../call/interception.js";
import { REQUEST_ID_KEY, usableRequestId } from "../call/request-id.js";
import { type CallBehindContext, ServerCallContext } from "../call/server-call-context.js";
import { ContractError } from "../errors/contract-error.js";
import type { Logger, LogLevel } from "../log/logger.js";
import { ServerTelemetry } from "../telemetry/server-telemetry.js";
import { type AnswerRoom, metadataBytes } from "../wire/answer-size.js";
import { Status, statusName } from "../wire/status.js";
import { checkAuth } from "./auth.js";
import { type HandledCall, startHandler, startIntercepted } from "./handler-run.js";
import { type IntakeCall, RequestIntake } from "./request-intake.js";
import { ResponseSender } from "./response-sender.js";
import type { RunningCall, ServedMethod } from "./served-method.js";
import type { CallReceiver, CallTransport } from "./transport/call-transport.js";
import { type Alarm, deadlines, type Expiring } from "./transport/deadline-wheel.js";

// How far apart the timers of two calls with one deadline go off: a deadline crosses the wire in whole milliseconds, and
// the calls that a handler makes have one that is a bit earlier.
const TIMER_SLACK_MS = 10;

// A handler that runs on after its call has ended takes its share of what the server can do, and counts for so long. One that never
// ends must not count for ever.
const UNHEEDED_MS = 30_000;

// A client's clock starts before the server's, by the time that the request travels. So when its deadline passes, its reset
// arrives before the server's own timer is due: a cancel so late is the deadline's.
const DEADLINE_SLACK_MS = 50;

/** Where a call stands. It only ever goes forward. */
const Stage = {
  /** Its headers are there, and nothing of its body was read: who calls is found out. */
  admitted: 0,
  /** Its interceptors run, or its request is read. */
  reading: 1,
  /** Its handler runs. */
  running: 2,
  /** A status is on its way, or the peer has gone: nothing can be sent any more. */
  over: 3,
  /** The stream is done with: the `.response` line is written, and a drain stops waiting. */
  finished: 4,
} as const;
type Stage = (typeof Stage)[keyof typeof Stage];

/** One call on a server, from its headers to its end: it stands between what carries the call and its handler. */
export class ServerCall
  implements CallReceiver, CallBehindContext, HandledCall, IntakeCall, LoggedCaller, RunningCall, Expiring
{
  readonly method: ServedMethod;
  readonly log: CallLog;
  readonly #transport: CallTransport;
  readonly #telemetry: ServerTelemetry | undefined;
  readonly #startedAt = performance.now();
  readonly #context: ServerCallContext;
  readonly #sender: ResponseSender;
  readonly #intake: RequestIntake;
  #stage: Stage = Stage.admitted;
  /** Whether the handler was run, however the call ended then. */
  #hasRun = false;
  /** Whether the handler runs, or what stands around it. It may run on when the call is over. */
  #isHandling = false;
  #isAdmitted = false;
  #isShed = false;
  #errors: ErrorPolicy | undefined;
  #responses: AsyncIterator<unknown> | undefined;
  #failure: CallFailure | undefined;
  #alarm: Alarm | undefined;
  #deadlineCancelsFrom = Number.POSITIVE_INFINITY;
  #request: RequestPromise | undefined;

  /** @param timeoutMs what the caller grants; `Infinity`: any time */
  constructor(method: ServedMethod, transport: CallTransport, timeoutMs: number) {
    const grantedMs = Math.min(timeoutMs, method.maxTimeoutMs);
    this.method = method;
    this.log = new CallLog(method, method.logSettings, this, method.log);
    this.#transport = transport;
    this.#errors = method.errors;
    this.#context = new ServerCallContext(
      this,
      grantedMs === Number.POSITIVE_INFINITY ? grantedMs : Date.now() + grantedMs,
    );
    this.#sender = new ResponseSender(method, transport, this.#context);
    this.#intake = new RequestIntake(this, transport);
    this.#telemetry = ServerTelemetry.of(method);
    method.running.add(this);
    if (grantedMs !== Number.POSITIVE_INFINITY) {
      this.#deadlineCancelsFrom = this.#context.deadlineMs - Math.min(DEADLINE_SLACK_MS, grantedMs / 2);
      this.#alarm = deadlines.set(this, grantedMs);
    }
  }

  // What the transport calls.

  /** Serves the call, or ends it because of what its headers say. */
  begin(refusal: CallFailure | undefined): void {
    if (this.#telemetry !== undefined) {
      this.#trace(this.#telemetry);
    }
    const { admission, auth } = this.method;
    const refused = refusal ?? admission?.begin(this.method, this.#context.deadlineMs - Date.now());
    if (refused !== undefined) {
      this.#isShed = refusal === undefined;
      this.stop(refused);
      return;
    }
    this.#isAdmitted = admission !== undefined;
    if (auth === undefined) {
      this.#serve();
    } else {
      runWithCall(this.#context, checkAuth, auth, this.#context)
        .then(() => this.#serve())
        .catch((error: unknown) => this.#turnAway(error));
    }
  }

  get maxRequestBytes(): number {
    return this.method.maxRequestBytes;
  }

  get isSingleRequest(): boolean {
    return !this.method.streamsRequests;
  }

  onMessage(bytes: Uint8Array): void {
    if (!this.over) {
      this.#intake.message(bytes);
    }
  }

  onRequestsEnd(truncated: boolean): void {
    if (!this.over) {
      this.#intake.end(truncated);
    }
  }

  onRoom(): void {
    this.#sender.onRoom();
  }

  onClose(): void {
    if (this.#stage === Stage.finished) {
      return;
    }
    const wasOver = this.over;
    this.#stage = Stage.finished;
    if (!wasOver) {
      this.#tellHandler(this.#deadlinePassed ? Status.DEADLINE_EXCEEDED : Status.CANCELLED);
    }
    this.#sender.close();
    this.#intake.close();
    this.#clearAlarm();
    this.method.running.remove(this);
    const status = this.#finalStatus;
    const durationMs = performance.now() - this.#startedAt;
    this.method.load?.ended(status);
    if (this.#isAdmitted) {
      this.#leave(status, durationMs);
    }
    this.#logEnd(status, durationMs);
  }

  /** The deadline has passed, or the handler has had time enough to heed that the call has ended. */
  expired(): void {
    this.#alarm = undefined;
    if (this.#stage === Stage.finished) {
      this.#makeRoom();
    } else {
      this.stop(DEADLINE_EXCEEDED);
    }
  }

  // What the handler needs. None of it throws.

  /** A status is on its way, or the peer has gone. */
  get over(): boolean {
    return this.#stage >= Stage.over;
  }

  /** What the call's interceptors are given. */
  get interception(): Interception {
    this.#context.interception ??= new Interception(() => this.#readRequest());
    return this.#context.interception;
  }

  seenRequest(request: Message): Message | undefined {
    const { interception } = this.#context;
    if (interception === undefined) {
      return request;
    }
    try {
      return interception.seenRequest(request);
    } catch (error) {
      this.#endWith(error);
      this.#tellHandler(this.#failure?.status ?? Status.INTERNAL);
      return undefined;
    }
  }

  requestReady(request: Message): void {
    this.#transport.release();
    if (this.#request !== undefined) {
      this.#request.resolve(request);
    } else {
      this.handlerRuns();
      startHandler(this, request, this.#context);
    }
  }

  /** The handler begins. */
  handlerRuns(): void {
    this.#hasRun = true;
    this.#isHandling = true;
    if (this.#stage < Stage.running) {
      this.#stage = Stage.running;
    }
  }

  /** Takes the response of a method that has one, and ends the call. */
  respond(response: unknown): void {
    this.#handled();
    if (this.over) {
      this.#logLate("the handler returned after its call had ended", undefined);
      return;
    }
    const outcome = this.#sender.message(response, this.log.readsAnswer);
    if (outcome instanceof Promise) {
      void outcome.then((failure) => this.#responded(failure));
    } else {
      this.#responded(outcome);
    }
  }

  /** Sends one of a stream of responses. A promise that is returned is to be waited for before the next. */
  stream(response: unknown): Promise<void> | undefined {
    if (this.over) {
      return undefined;
    }
    const outcome = this.#sender.message(response, false);
    if (outcome instanceof Promise) {
      return outcome.then((failure) => this.#streamed(failure));
    }
    return this.#streamed(outcome);
  }

  /** Ends the call well. */
  complete(): void {
    this.#handled();
    if (!this.over) {
      this.#end(Status.OK, "");
    }
  }

  /** The handler threw. What it throws after the end of its call changes nothing any more. */
  fail(thrown: unknown): void {
    this.#handled();
    this.#endWith(thrown);
  }

  #endWith(thrown: unknown): void {
    if (this.over) {
      this.#logLate("the handler threw after its call had ended", thrown);
      return;
    }
    const failure = failureOf(thrown, this.#errors ?? this.method.fallbackErrors, this.#answerRoom);
    this.#failure =
      failure.errorId !== undefined && this.#ranOutOfTime(thrown)
        ? refused(Status.DEADLINE_EXCEEDED, "Deadline exceeded", "warn", thrown)
        : failure;
    this.#end(this.#failure.status, this.#failure.message);
  }

  get #answerRoom(): AnswerRoom {
    const { filledHeaders, filledTrailers } = this.#context;
    const taken = metadataBytes(filledHeaders) + metadataBytes(filledTrailers);
    return { limit: this.method.maxResponseMetadataBytes, taken };
  }

  /** Knows the iterator of the handler's responses, so that it can be told when the call is over. */
  iterateOver(responses: AsyncIterator<unknown>): void {
    this.#responses = responses;
    if (this.over) {
      this.closeResponses();
    }
  }

  /** Ends the handler's iteration early, so that its `finally` blocks run. Once; what they throw is only logged. */
  closeResponses(): void {
    const responses = this.#responses;
    this.#responses = undefined;
    if (responses === undefined) {
      return;
    }
    runWithCall(this.#context, async () => responses.return?.()).catch((err: unknown) => {
      this.logger.error({ path: this.path, err }, `${this.desc.localName}: the handler's clean-up failed`);
    });
  }

  // What the server does.

  /** Ends the call while its handler may be running, and tells the handler. `false` if the call was over. */
  stop(failure: CallFailure): boolean {
    if (this.over) {
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
    return this.#context.requestId;
  }

  get sentRequestId(): string | undefined {
    return usableRequestId(this.#transport.requestHeader(REQUEST_ID_KEY));
  }

  get peer(): string {
    return this.#transport.peer;
  }

  get peerCertificate(): PeerCertificate | undefined {
    return this.#transport.peerCertificate;
  }

  get host(): string {
    return this.#transport.host;
  }

  get requestMetadata(): Metadata {
    return this.#transport.requestMetadata;
  }

  get requestCompressed(): boolean {
    return this.#transport.requestCompressed;
  }

  sendHeaders(): void {
    if (!this.over) {
      this.#sender.headers();
    }
  }

  get carrier(): CallTransport {
    return this.#transport;
  }

  adoptErrors(policy: ErrorPolicy): void {
    this.#errors ??= { ...policy, passThrough: this.method.fallbackErrors.passThrough };
  }

  adoptLog(log: LogContext): void {
    this.log.addContext(log);
  }

  #trace(telemetry: ServerTelemetry): void {
    telemetry.received(this.#transport);
    this.#context.telemetryContext = telemetry.context;
    if (telemetry.context !== undefined) {
      this.log.traceIn(telemetry.context);
    }
  }

  /** Runs what stands around the handler, or reads what the handler needs. */
  #serve(): void {
    // It may have ended while the verifier was asked.
    if (this.over) {
      return;
    }
    this.#stage = Stage.reading;
    this.method.load?.reportIn(() => this.#context.responseTrailers);
    const { handlerInterceptors, streamsRequests } = this.method;
    if (handlerInterceptors.length > 0) {
      startIntercepted(this, this.#context, async () =>
        streamsRequests ? this.#intake.requests : this.#readRequest(),
      );
    } else if (streamsRequests) {
      this.handlerRuns();
      startHandler(this, this.#intake.requests, this.#context);
    } else {
      this.#intake.begin();
    }
  }

  /** The caller isn't let in. The verifier may be at it still: it is told, as a handler would be. */
  #turnAway(thrown: unknown): void {
    if (!this.over) {
      this.#endWith(thrown);
      this.#tellHandler(this.#failure?.status ?? Status.CANCELLED);
    }
  }

  /** The request, once for all who ask. */
  #readRequest(): Promise<Message> {
    if (this.method.streamsRequests) {
      return Promise.reject(new TypeError(`${this.path} takes a stream of requests: use onRequest()`));
    }
    if (this.#request === undefined) {
      this.#request = requestPromise();
      this.#intake.begin();
    }
    return this.#request.promise;
  }

  #responded(failure: CallFailure | undefined): void {
    if (failure !== undefined) {
      this.stop(failure);
    } else if (!this.over) {
      this.log.answer(this.#sender.last);
      this.complete();
    }
  }

  #streamed(failure: CallFailure | undefined): Promise<void> | undefined {
    if (failure === undefined) {
      return this.#sender.room();
    }
    this.stop(failure);
    return undefined;
  }

  #end(code: Status, details: string): void {
    this.#stage = Stage.over;
    this.#clearAlarm();
    this.#sender.close();
    try {
      if (this.#sender.broken) {
        this.#transport.reset();
      } else {
        this.#sender.status(code, details, this.#failure);
      }
    } catch (err) {
      // Trailers that can't be written; the status can still go.
      this.logger.error({ path: this.path, err }, `${this.desc.localName}: the trailers couldn't be sent`);
      this.#endWithout(code, details);
    }
  }

  #endWithout(code: Status, details: string): void {
    try {
      this.#transport.sendStatus(code, details, undefined);
    } catch {
      this.#transport.reset();
    }
  }

  #tellHandler(status: Status): void {
    const reason = abortReason(status);
    this.#context.abort(reason);
    this.#intake.fail(reason);
    this.#request?.reject(reason);
    this.#sender.close();
    this.closeResponses();
  }

  /** The call has ended. Where calls are limited, it counts for as long as its handler runs. */
  #leave(status: Status, durationMs: number): void {
    if (this.#hasRun && (status === Status.OK || status === Status.DEADLINE_EXCEEDED)) {
      this.method.admission?.served(this.method, durationMs, status === Status.OK);
    }
    if (this.#isHandling) {
      this.#alarm = deadlines.set(this, UNHEEDED_MS);
    } else {
      this.#makeRoom();
    }
  }

  /** The handler has come to its end. */
  #handled(): void {
    this.#isHandling = false;
    if (this.#stage === Stage.finished) {
      this.#clearAlarm();
      this.#makeRoom();
    }
  }

  #makeRoom(): void {
    if (this.#isAdmitted) {
      this.#isAdmitted = false;
      this.method.admission?.end();
    }
  }

  #clearAlarm(): void {
    if (this.#alarm !== undefined) {
      deadlines.clear(this.#alarm);
      this.#alarm = undefined;
    }
  }

  /** A call that the handler made ended at this call's deadline, and said so before this call's own timer. */
  #ranOutOfTime(thrown: unknown): boolean {
    return (
      thrown instanceof ContractError &&
      thrown.remote &&
      thrown.status === Status.DEADLINE_EXCEEDED &&
      this.#context.timeRemaining() <= TIMER_SLACK_MS
    );
  }

  get #deadlinePassed(): boolean {
    return Date.now() >= this.#deadlineCancelsFrom;
  }

  get #finalStatus(): Status {
    if (this.#sender.broken) {
      return Status.INTERNAL;
    }
    // A status that is still behind messages that the peer doesn't read hasn't been sent.
    return this.#transport.sentStatus ?? (this.#deadlinePassed ? Status.DEADLINE_EXCEEDED : Status.CANCELLED);
  }

  #logLate(what: string, err: unknown): void {
    this.logger.debug({ path: this.path, err }, `${this.desc.localName}: ${what}`);
  }

  #logEnd(status: Status, durationMs: number): void {
    // The failure tells of another status if the peer left before it was sent.
    const failure = this.#failure?.status === status ? this.#failure : undefined;
    const message = failure?.message;
    const requests = this.#intake.count;
    if (this.#isShed || (status === Status.CANCELLED && !this.#hasRun)) {
      this.method.unbegun.add(this.#isShed ? "shed" : "left");
      const fields = { path: this.path, peer: this.peer, status: statusName(status), error: message };
      this.logger.debug(fields, this.method.responseLine);
    } else {
      this.log.request(this.#intake.request);
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
        responses: this.#sender.count,
      });
    }
    // Behind the log, which sets its context on the span.
    this.#telemetry?.ended({
      status,
      message,
      failure,
      durationMs,
      requests,
      sentBytes: this.#sender.bytes,
      receivedBytes: this.#transport.receivedBytes,
    });
  }
}

const LEVELS: Partial<Record<Status, LogLevel>> = {
  [Status.OK]: "info",
  [Status.CANCELLED]: "warn",
  [Status.DEADLINE_EXCEEDED]: "warn",
};

const DEADLINE_EXCEEDED = refused(Status.DEADLINE_EXCEEDED, "Deadline exceeded");

interface RequestPromise {
  readonly promise: Promise<Message>;
  resolve(request: Message): void;
  reject(reason: Error): void;
}

function requestPromise(): RequestPromise {
  let resolve: RequestPromise["resolve"] = () => {};
  let reject: RequestPromise["reject"] = () => {};
  const promise = new Promise<Message>((resolveWith, rejectWith) => {
    resolve = resolveWith;
    reject = rejectWith;
  });
  // An interceptor that asked for the request and then forgot about it must not end the process.
  promise.catch(() => {});
  return { promise, resolve, reject };
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
