import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ContractError } from "../errors/contract-error.js";
import { clientStatus } from "../wire/call-status.js";
import { Status } from "../wire/status.js";
import { type CallEnd, ClientCall, isOk } from "./client-call.js";
import type { CallOptions, ResponseStream } from "./client-method.js";
import { CallInInterceptors } from "./intercepted-call.js";
import { InterceptedStream } from "./intercepted-stream.js";
import type { MethodBinding } from "./method-binding.js";
import { type Requests, requireRequests } from "./requests.js";
import { ResponseQueue } from "./response-queue.js";
import type { ResponseReader } from "./response-reader.js";
import { type OpenStream, ResumedStream, type StreamPart } from "./resumed-stream.js";

/** Makes a call with a stream of responses, when it is iterated. */
export function serverStreaming<Input extends DescMessage, Output extends DescMessage, E extends ContractError>(
  binding: MethodBinding<Input, Output>,
  request: MessageInitShape<Input>,
  options: CallOptions,
): ResponseStream<MessageShape<Output>, E> {
  if (binding.within === undefined) {
    return new SingleUse(binding, resumable(binding, request, options));
  }
  const within = binding.within;
  const reader = new InterceptedStream<Input, Output>({
    begin: () => CallInInterceptors.begin(binding, options, request),
    open: (call, by) =>
      call === undefined ? resumable(binding, request, options) : resumable(within, call.seenRequest(), by),
  });
  return new SingleUse(binding, reader);
}

/** The responses to a request, over as many calls as the contract allows. */
function resumable<Input extends DescMessage, Output extends DescMessage>(
  binding: MethodBinding<Input, Output>,
  request: MessageInitShape<Input>,
  options: CallOptions,
): ResponseReader<MessageShape<Output>> {
  const { resume } = binding.policy;
  const open: OpenStream<Input, Output> = (...call) => new ServerStreamingCall(binding, ...call);
  return resume === undefined
    ? open(request, options)
    : new ResumedStream<Input, Output>(binding, resume, { request, options, open });
}

/**
 * Makes a call with streams in both directions, when it is iterated.
 *
 * @throws {TypeError} if the requests can't be iterated
 */
export function bidiStreaming<Input extends DescMessage, Output extends DescMessage, E extends ContractError>(
  binding: MethodBinding<Input, Output>,
  requests: Requests<MessageInitShape<Input>>,
  options: CallOptions,
): ResponseStream<MessageShape<Output>, E> {
  requireRequests(binding.method, requests);
  if (binding.within === undefined) {
    return new SingleUse(binding, new BidiStreamingCall(binding, options, requests));
  }
  const within = binding.within;
  const reader = new InterceptedStream<Input, Output>({
    begin: () => CallInInterceptors.begin(binding, options),
    open: (call, by) =>
      call === undefined
        ? new BidiStreamingCall(binding, options, requests)
        : new BidiStreamingCall(within, by, call.seenRequests(requests)),
  });
  return new SingleUse(binding, reader);
}

/** A call can't be read twice, and nobody should get half of its responses without noticing. */
class SingleUse<Value> implements AsyncIterable<Value> {
  readonly #path: string;
  readonly #reader: ResponseReader<Value>;
  #iterator: AsyncIterator<Value> | undefined;

  constructor(binding: MethodBinding<DescMessage, DescMessage>, reader: ResponseReader<Value>) {
    this.#path = binding.definition.path;
    this.#reader = reader;
    this.#iterator = reader;
  }

  get received(): number {
    return this.#reader.received;
  }

  [Symbol.asyncIterator](): AsyncIterator<Value> {
    const iterator = this.#iterator;
    if (iterator === undefined) {
      throw new Error(
        `The responses of ${this.#path} are iterated twice. They belong to one call: call the method again for another one`,
      );
    }
    this.#iterator = undefined;
    return iterator;
  }
}

// Nothing, or a response, is asked for; or the call has ended, as the reader is to hear when it has read what came before.
type ReaderState = "unmade" | "idle" | "reading" | CallEnd | "done";

/** Responses, in the order in which they came, then the call's end. */
abstract class ResponseIterator<Input extends DescMessage, Output extends DescMessage>
  extends ClientCall<Input, Output>
  implements ResponseReader<MessageShape<Output>>
{
  received = 0;
  readonly #queue = new ResponseQueue<MessageShape<Output>>();
  #state: ReaderState = "unmade";
  #waiting: (() => void)[] = [];

  /** Starts the call. */
  protected abstract begin(): void;

  async next(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    if (this.#state === "unmade") {
      this.#state = "idle";
      this.begin();
      this.#readMore();
    }
    while (this.#queue.isEmpty && this.#isReading) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const value = this.#queue.shift();
    if (value !== undefined) {
      this.received += 1;
      this.#readMore();
      return { value, done: false };
    }
    const end = this.#state;
    this.#state = "done";
    if (typeof end === "object" && !isOk(end)) {
      throw this.errorOf(this.#counted(end));
    }
    return { value: undefined, done: true };
  }

  // A state that changes while somebody waits, which a compiler can't see.
  get #isReading(): boolean {
    return this.#state === "idle" || this.#state === "reading";
  }

  #counted(end: CallEnd): CallEnd {
    return "status" in end ? { status: { ...end.status, received: this.received } } : end;
  }

  /** Leaving the loop: cancels the call. */
  async return(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    this.#state = "done";
    this.cancel({ status: clientStatus(Status.CANCELLED, "The caller stopped reading") });
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    await this.return();
    throw error;
  }

  /** Whether the reader gets a response. */
  protected accepts(_response: MessageShape<Output>): boolean {
    return true;
  }

  protected override onResponse(response: MessageShape<Output>): void {
    if (this.#state === "reading") {
      this.#state = "idle";
    }
    if (this.accepts(response)) {
      this.#queue.push(response, this.responseBytes);
    }
    this.#readMore();
    this.#wake();
  }

  protected override onEnd(end: CallEnd): void {
    // Who has stopped reading isn't told.
    if (this.#state !== "done") {
      this.#state = end;
    }
    this.#wake();
  }

  /** As {@link ClientCall.cancel}; what was read ahead is of no interest any more. */
  protected override cancel(end: CallEnd): void {
    this.#queue.clear();
    super.cancel(end);
  }

  #readMore(): void {
    if (this.#state === "idle" && this.#queue.hasRoom) {
      this.#state = "reading";
      this.read();
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) {
      resolve();
    }
  }
}

class ServerStreamingCall<Input extends DescMessage, Output extends DescMessage> extends ResponseIterator<
  Input,
  Output
> {
  readonly #request: MessageInitShape<Input>;
  readonly #part: StreamPart<MessageShape<Output>> | undefined;

  constructor(
    binding: MethodBinding<Input, Output>,
    request: MessageInitShape<Input>,
    options: CallOptions,
    part?: StreamPart<MessageShape<Output>>,
  ) {
    super(binding, options);
    this.#request = request;
    this.#part = part;
    this.received = part?.received ?? 0;
  }

  protected override accepts(response: MessageShape<Output>): boolean {
    return this.#part?.accepts(response) ?? true;
  }

  protected override begin(): void {
    this.startWithOne(this.#request);
  }
}

class BidiStreamingCall<Input extends DescMessage, Output extends DescMessage> extends ResponseIterator<Input, Output> {
  readonly #requests: Requests<MessageInitShape<Input>>;

  constructor(
    binding: MethodBinding<Input, Output>,
    options: CallOptions,
    requests: Requests<MessageInitShape<Input>>,
  ) {
    super(binding, options);
    this.#requests = requests;
  }

  protected override begin(): void {
    this.startWithAll(this.#requests);
  }
}
