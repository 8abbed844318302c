import { AsyncResource } from "node:async_hooks";
import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import { abortOf, linkAbort, unlinkAbort } from "../call/abort-link.js";
import type { Abortable, AbortSource } from "../call/abortable.js";
import type { CallContext } from "../call/call-context.js";
import { callDeadline } from "../call/call-deadline.js";
import { currentCall } from "../call/current-call.js";
import { channelLogger } from "../channel/channel.js";
import { ContractError } from "../errors/contract-error.js";
import { unpackPushback } from "../errors/status-details.js";
import { fieldText } from "../log/field-text.js";
import { GuardedLogger } from "../log/guarded-logger.js";
import { statusName } from "../wire/status.js";
import { backoffMs } from "./backoff.js";
import type { CallOptions, ResumePolicy } from "./client-method.js";
import type { MethodBinding } from "./method-binding.js";
import { type ResendBudget, resendBudget } from "./resend-budget.js";
import type { ResponseReader } from "./response-reader.js";
import { StreamCursor } from "./stream-cursor.js";

/** What a call is of a stream that may have more of them. */
export interface StreamPart<Response> {
  /** How many responses the reader had before. */
  readonly received: number;
  /** Whether the reader gets a response. */
  accepts(response: Response): boolean;
}

/** Makes one of the calls that a stream is read by. */
export type OpenStream<Input extends DescMessage, Output extends DescMessage> = (
  request: MessageInitShape<Input>,
  options: CallOptions,
  part?: StreamPart<MessageShape<Output>>,
) => ResponseReader<MessageShape<Output>>;

/**
 * A stream of responses that goes on where it broke: by another call, which asks for what comes after the last response.
 *
 * Each call is one to the server, to telemetry and to interceptors. They share a deadline, what aborts them, and the call in whose
 * handler the first was made. What was read ahead when a call broke is read before the next is made.
 */
export class ResumedStream<Input extends DescMessage, Output extends DescMessage>
  implements ResponseReader<MessageShape<Output>>, Abortable
{
  readonly #binding: MethodBinding<Input, Output>;
  readonly #policy: ResumePolicy;
  readonly #options: CallOptions;
  readonly #open: OpenStream<Input, Output>;
  readonly #cursor: StreamCursor<Input, Output>;
  readonly #budget: ResendBudget;
  readonly #incoming: CallContext | undefined = currentCall();
  /** Where the stream was asked for: it may be read elsewhere, where another call is current. */
  readonly #origin = new AsyncResource("accord.stream");
  #request: MessageInitShape<Input>;
  #startedAt: number | undefined;
  #call: ResponseReader<MessageShape<Output>> | undefined;
  #received = 0;
  #receivedBefore = 0;
  /** Attempts in a row, the present one included, of which at most the first brought a response. */
  #attempts = 0;
  #headersTold = false;
  #trailers: Metadata | undefined;
  #isOver = false;
  #wake: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    binding: MethodBinding<Input, Output>,
    policy: ResumePolicy,
    init: {
      readonly request: MessageInitShape<Input>;
      readonly options: CallOptions;
      readonly open: OpenStream<Input, Output>;
    },
  ) {
    this.#binding = binding;
    this.#policy = policy;
    this.#request = init.request;
    this.#options = init.options;
    this.#open = init.open;
    // A binding is of the method whose messages it names.
    this.#cursor = new StreamCursor(binding.method as DescMethod & { input: Input; output: Output }, policy);
    this.#budget = resendBudget(binding.channel, policy.throttle);
  }

  get received(): number {
    return this.#received;
  }

  /** One at a time, in the order of asking: two who ask at once must not resume the stream twice. */
  next(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    const turn = this.#turn.then(() => this.#next());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async return(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    this.#isOver = true;
    this.#wake?.();
    await this.#call?.return();
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    await this.return();
    throw error;
  }

  aborted(_source: AbortSource): void {
    this.#wake?.();
  }

  async #next(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    while (!this.#isOver) {
      this.#call ??= this.#begin();
      let result: IteratorResult<MessageShape<Output>, undefined>;
      try {
        result = await this.#call.next();
      } catch (error) {
        await this.#resume(error);
        continue;
      }
      if (result.done !== true) {
        this.#received += 1;
        this.#budget.succeeded();
        return result;
      }
      this.#end();
    }
    return { value: undefined, done: true };
  }

  #begin(): ResponseReader<MessageShape<Output>> {
    const { onHeaders } = this.#options;
    const options: CallOptions = {
      ...this.#options,
      ...(onHeaders && { onHeaders: (headers) => this.#tellHeaders(headers, onHeaders) }),
      // Told when the stream is over. Whether a server wants to be asked again stands there, too.
      onTrailers: (trailers) => {
        this.#trailers = trailers;
      },
      ...(this.#startedAt !== undefined && { timeoutMs: this.#deadline - Date.now() }),
    };
    this.#startedAt ??= Date.now();
    this.#attempts += 1;
    this.#receivedBefore = this.#received;
    this.#trailers = undefined;
    return this.#origin.runInAsyncScope(() =>
      this.#open(this.#request, options, {
        received: this.#received,
        accepts: (response) => this.#cursor.passes(response),
      }),
    );
  }

  /** Milliseconds since the epoch. */
  get #deadline(): number {
    const { timeoutMs = this.#binding.policy.timeoutMs } = this.#options;
    return callDeadline(timeoutMs, this.#incoming, this.#startedAt);
  }

  #tellHeaders(headers: Metadata, onHeaders: (headers: Metadata) => void): void {
    if (!this.#headersTold) {
      this.#headersTold = true;
      onHeaders(headers);
    }
  }

  /** @throws what the caller's callback throws */
  #end(): void {
    this.#isOver = true;
    if (this.#trailers !== undefined) {
      this.#options.onTrailers?.(this.#trailers);
    }
  }

  /** Has the next turn make another call, after the wait that the policy wants. @throws the error, if that is the end */
  async #resume(error: unknown): Promise<void> {
    const waitMs = this.#isOver ? undefined : this.#waitAfter(error);
    if (waitMs === undefined) {
      this.#end();
      throw error;
    }
    this.#log(error as ContractError, waitMs);
    this.#call = undefined;
    this.#request = this.#cursor.resumed(this.#request);
    await this.#wait(waitMs);
  }

  /** How long to wait before the next call, in milliseconds; `undefined` if there is to be none. */
  #waitAfter(error: unknown): number | undefined {
    const { codes, maxAttempts } = this.#policy.retry;
    const isLost = error instanceof ContractError && error.remote && codes.includes(statusName(error.status));
    if (!isLost || this.#sources.some((source) => abortOf(source) !== undefined)) {
      return undefined;
    }
    if (this.#received > this.#receivedBefore) {
      this.#attempts = 1;
    } else {
      this.#budget.failed();
    }
    const pushback = this.#trailers && unpackPushback(this.#trailers);
    if (this.#attempts >= maxAttempts || pushback === -1 || !this.#budget.allows) {
      return undefined;
    }
    const waitMs = pushback ?? backoffMs(this.#policy.retry, this.#attempts);
    return Date.now() + waitMs < this.#deadline ? waitMs : undefined;
  }

  get #sources(): readonly AbortSource[] {
    return [this.#options.signal, this.#incoming].filter((source) => source !== undefined);
  }

  /** Ends early when the call is aborted, or nobody reads any more: the next call says what that comes to. */
  async #wait(ms: number): Promise<void> {
    const sources = this.#sources;
    let timer: NodeJS.Timeout | undefined;
    for (const source of sources) {
      linkAbort(source, this);
    }
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    this.#wake = undefined;
    clearTimeout(timer);
    for (const source of sources) {
      unlinkAbort(source, this);
    }
  }

  #log(error: ContractError, waitMs: number): void {
    const { definition, channel } = this.#binding;
    const logger = this.#incoming?.logger ?? channelLogger(channel);
    new GuardedLogger(logger).warn(
      {
        path: definition.path,
        status: statusName(error.status),
        error: fieldText(error.message),
        received: this.#received,
        attempt: this.#attempts + 1,
        wait_ms: Math.round(waitMs),
      },
      "stream.resumed",
    );
  }
}
