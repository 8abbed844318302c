import type { PeerCertificate } from "node:tls";
import type { Message } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import { type CallFailure, type ErrorPolicy, refused } from "../call/call-failure.js";
import { CallLog, type LogContext, type LoggedCaller } from "../call/call-log.js";
import { REQUEST_ID_KEY, usableRequestId } from "../call/request-id.js";
import { type CallBehindContext, ServerCallContext } from "../call/server-call-context.js";
import type { Logger } from "../log/logger.js";
import { Status } from "../wire/status.js";
import { type IntakeCall, RequestIntake } from "./request-intake.js";
import type { ServedMethod } from "./served-method.js";
import type { CallTransport } from "./transport/call-transport.js";
import { type Alarm, deadlines, type Expiring } from "./transport/deadline-wheel.js";

// A client's clock starts before the server's, by the time that the request travels. So when its deadline passes, its reset
// arrives before the server's own timer is due: a cancel so late is the deadline's.
const DEADLINE_SLACK_MS = 50;

const DEADLINE_EXCEEDED = refused(Status.DEADLINE_EXCEEDED, "Deadline exceeded");

/** A call, as far as it comes from its caller: who calls what, until when, and the requests. */
export abstract class ReceivedCall implements CallBehindContext, LoggedCaller, IntakeCall, Expiring {
  readonly method: ServedMethod;
  readonly log: CallLog;
  readonly carrier: CallTransport;
  protected readonly receivedAt: number = performance.now();
  protected readonly context: ServerCallContext;
  protected readonly intake: RequestIntake;
  readonly #deadlineCancelsFrom: number;
  /** Set while the call has a deadline that may still end it. */
  #deadline: Alarm | undefined;

  /** @param timeoutMs what the caller grants; `Infinity`: any time */
  constructor(method: ServedMethod, transport: CallTransport, timeoutMs: number) {
    const grantedMs = Math.min(timeoutMs, method.maxTimeoutMs);
    const isLimited = grantedMs !== Number.POSITIVE_INFINITY;
    this.method = method;
    this.log = new CallLog(method, method.logSettings, this, method.log);
    this.carrier = transport;
    this.context = new ServerCallContext(this, isLimited ? Date.now() + grantedMs : grantedMs);
    this.intake = new RequestIntake(this, transport);
    this.#deadlineCancelsFrom = isLimited
      ? this.context.deadlineMs - Math.min(DEADLINE_SLACK_MS, grantedMs / 2)
      : grantedMs;
    this.#deadline = isLimited ? deadlines.set(this, grantedMs) : undefined;
  }

  abstract get over(): boolean;
  abstract stop(failure: CallFailure): boolean;
  abstract seenRequest(request: Message): Message | undefined;
  abstract requestReady(request: Message): void;
  abstract sendHeaders(): void;
  abstract adoptErrors(policy: ErrorPolicy): void;

  // What the transport calls.

  get maxRequestBytes(): number {
    return this.method.maxRequestBytes;
  }

  get isSingleRequest(): boolean {
    return !this.method.streamsRequests;
  }

  onMessage(bytes: Uint8Array): void {
    if (!this.over) {
      this.intake.message(bytes);
    }
  }

  onRequestsEnd(truncated: boolean): void {
    if (!this.over) {
      this.intake.end(truncated);
    }
  }

  // The deadline.

  expired(): void {
    this.#deadline = undefined;
    this.stop(DEADLINE_EXCEEDED);
  }

  /** The call is over: its deadline ends nothing any more. */
  protected clearDeadline(): void {
    if (this.#deadline !== undefined) {
      deadlines.clear(this.#deadline);
      this.#deadline = undefined;
    }
  }

  /** Whether a cancel that comes now is the deadline's. */
  protected get deadlinePassed(): boolean {
    return Date.now() >= this.#deadlineCancelsFrom;
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
    return this.context.requestId;
  }

  get sentRequestId(): string | undefined {
    return usableRequestId(this.carrier.requestHeader(REQUEST_ID_KEY));
  }

  get peer(): string {
    return this.carrier.peer;
  }

  get peerCertificate(): PeerCertificate | undefined {
    return this.carrier.peerCertificate;
  }

  get host(): string {
    return this.carrier.host;
  }

  get requestMetadata(): Metadata {
    return this.carrier.requestMetadata;
  }

  get requestCompressed(): boolean {
    return this.carrier.requestCompressed;
  }

  adoptLog(log: LogContext): void {
    this.log.addContext(log);
  }
}
