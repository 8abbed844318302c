import { type CallFailure, type ErrorPolicy, failureOf, refused } from "../call/call-failure.js";
import { runWithCall } from "../call/current-call.js";
import type { Interception } from "../call/interception.js";
import { ContractError } from "../errors/contract-error.js";
import { type AnswerRoom, metadataBytes } from "../wire/answer-size.js";
import { Status } from "../wire/status.js";
import { abortReason } from "./abort-reason.js";
import type { HandledCall } from "./handler-run.js";
import type { HandlerState } from "./handler-state.js";
import { ReceivedCall } from "./received-call.js";
import { ResponseSender } from "./response-sender.js";
import type { ServedMethod } from "./served-method.js";
import type { CallTransport } from "./transport/call-transport.js";

// How far apart the timers of two calls with one deadline go off: a deadline crosses the wire in whole milliseconds, and
// the calls that a handler makes have one that is a bit earlier.
const TIMER_SLACK_MS = 10;

/** How a call ended: with OK, without anybody to answer, or with a status that says what failed. */
type CallOutcome = "completed" | "abandoned" | CallFailure;

/**
 * A call, as far as it is answered: by its handler or in its place, with messages and one outcome.
 *
 * Whether the call is over and whether its handler runs are two things, and each pair of them happens.
 */
export abstract class AnsweredCall extends ReceivedCall implements HandledCall {
  protected readonly sender: ResponseSender;
  /** `undefined` while the call is open. */
  #outcome: CallOutcome | undefined;
  #handler: HandlerState = "waiting";
  #errors: ErrorPolicy | undefined;
  #responses: AsyncIterator<unknown> | undefined;

  constructor(method: ServedMethod, transport: CallTransport, timeoutMs: number) {
    super(method, transport, timeoutMs);
    this.sender = new ResponseSender(method, transport, this.context);
    this.#errors = method.errors;
  }

  abstract get interception(): Interception;

  /** The handler, which was running, has come to its end. */
  protected abstract handlerDone(): void;

  get over(): boolean {
    return this.#outcome !== undefined;
  }

  protected get handler(): HandlerState {
    return this.#handler;
  }

  /** Why the call failed, if this side ended it. */
  protected get failure(): CallFailure | undefined {
    return typeof this.#outcome === "object" ? this.#outcome : undefined;
  }

  /** The status that the caller got, or would have got had it waited. For a call that is done with. */
  protected get finalStatus(): Status {
    if (this.sender.broken) {
      return Status.INTERNAL;
    }
    // A status that is still behind messages that the peer doesn't read hasn't been sent.
    return this.carrier.sentStatus ?? this.#statusWithoutAnswer;
  }

  get #statusWithoutAnswer(): Status {
    return this.deadlinePassed ? Status.DEADLINE_EXCEEDED : Status.CANCELLED;
  }

  adoptErrors(policy: ErrorPolicy): void {
    this.#errors ??= { ...policy, passThrough: this.method.fallbackErrors.passThrough };
  }

  sendHeaders(): void {
    if (!this.over) {
      this.sender.headers();
    }
  }

  // What the handler needs. None of it throws.

  handlerRuns(): void {
    this.#handler = "running";
  }

  respond(response: unknown): void {
    this.#handled();
    if (this.over) {
      this.#logLate("the handler returned after its call had ended", undefined);
      return;
    }
    const outcome = this.sender.message(response, this.log.readsAnswer);
    if (outcome instanceof Promise) {
      void outcome.then((failure) => this.#responded(failure));
    } else {
      this.#responded(outcome);
    }
  }

  stream(response: unknown): Promise<void> | undefined {
    if (this.over) {
      return undefined;
    }
    const outcome = this.sender.message(response, false);
    if (outcome instanceof Promise) {
      return outcome.then((failure) => this.#streamed(failure));
    }
    return this.#streamed(outcome);
  }

  complete(): void {
    this.#handled();
    if (!this.over) {
      this.#end("completed");
    }
  }

  /** The handler threw. What it throws after the end of its call changes nothing any more. */
  fail(thrown: unknown): void {
    this.#handled();
    if (this.over) {
      this.#logLate("the handler threw after its call had ended", thrown);
    } else {
      this.#end(this.#failureOf(thrown));
    }
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
    runWithCall(this.context, async () => responses.return?.()).catch((err: unknown) => {
      this.logger.error({ path: this.path, err }, `${this.desc.localName}: the handler's clean-up failed`);
    });
  }

  // What ends the call in the handler's place.

  /** Ends the call while its handler may be running, and tells the handler. `false` if the call was over. */
  stop(failure: CallFailure): boolean {
    if (this.over) {
      return false;
    }
    this.#end(failure);
    this.#tellHandler(failure.status);
    return true;
  }

  /** As {@link stop}, with what code of the user's threw that stands before the handler. */
  protected turnAway(thrown: unknown): void {
    if (!this.over) {
      this.stop(this.#failureOf(thrown));
    }
  }

  /** The peer has gone: nothing can be sent any more. Does nothing if the call was over. */
  protected abandon(): void {
    if (!this.over) {
      this.#outcome = "abandoned";
      this.clearDeadline();
      this.#tellHandler(this.#statusWithoutAnswer);
    }
  }

  #responded(failure: CallFailure | undefined): void {
    if (failure !== undefined) {
      this.stop(failure);
    } else if (!this.over) {
      this.log.answer(this.sender.last);
      this.#end("completed");
    }
  }

  #streamed(failure: CallFailure | undefined): Promise<void> | undefined {
    if (failure === undefined) {
      return this.sender.room();
    }
    this.stop(failure);
    return undefined;
  }

  #end(outcome: "completed" | CallFailure): void {
    this.#outcome = outcome;
    this.clearDeadline();
    if (outcome === "completed") {
      this.sender.end(Status.OK, "", undefined);
    } else {
      this.sender.end(outcome.status, outcome.message, outcome);
    }
  }

  #tellHandler(status: Status): void {
    const reason = abortReason(status);
    this.context.abort(reason);
    this.intake.fail(reason);
    this.sender.close();
    this.closeResponses();
  }

  #handled(): void {
    if (this.#handler === "running") {
      this.#handler = "done";
      this.handlerDone();
    }
  }

  #failureOf(thrown: unknown): CallFailure {
    const failure = failureOf(thrown, this.#errors ?? this.method.fallbackErrors, this.#answerRoom);
    return failure.errorId !== undefined && this.#ranOutOfTime(thrown)
      ? refused(Status.DEADLINE_EXCEEDED, "Deadline exceeded", "warn", thrown)
      : failure;
  }

  get #answerRoom(): AnswerRoom {
    const { filledHeaders, filledTrailers } = this.context;
    const taken = metadataBytes(filledHeaders) + metadataBytes(filledTrailers);
    return { limit: this.method.maxResponseMetadataBytes, taken };
  }

  /** A call that the handler made ended at this call's deadline, and said so before this call's own timer. */
  #ranOutOfTime(thrown: unknown): boolean {
    return (
      thrown instanceof ContractError &&
      thrown.remote &&
      thrown.status === Status.DEADLINE_EXCEEDED &&
      this.context.timeRemaining() <= TIMER_SLACK_MS
    );
  }

  #logLate(what: string, err: unknown): void {
    this.logger.debug({ path: this.path, err }, `${this.desc.localName}: ${what}`);
  }
}
