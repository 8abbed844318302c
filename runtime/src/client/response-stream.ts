import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ContractError } from "../errors/contract-error.js";
import { clientStatus } from "../wire/call-status.js";
import { Status } from "../wire/status.js";
import { type CallEnd, ClientCall, isOk } from "./client-call.js";
import type { CallOptions, ResponseStream } from "./client-method.js";
import type { MethodBinding } from "./method-binding.js";
import { type Requests, requireRequests } from "./requests.js";
import { ResponseQueue } from "./response-queue.js";

/** Makes a call with a stream of responses, when it is iterated. */
export function serverStreaming<Input extends DescMessage, Output extends DescMessage, E extends ContractError>(
  binding: MethodBinding<Input, Output>,
  request: MessageInitShape<Input>,
  options: CallOptions,
): ResponseStream<MessageShape<Output>, E> {
  return new SingleUse(binding, new ServerStreamingCall(binding, options, request));
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
  return new SingleUse(binding, new BidiStreamingCall(binding, options, requests));
}

/** A call can't be read twice, and nobody should get half of its responses without noticing. */
class SingleUse<Value> implements AsyncIterable<Value> {
  readonly #path: string;
  #iterator: AsyncIterator<Value> | undefined;

  constructor(binding: MethodBinding<DescMessage, DescMessage>, iterator: AsyncIterator<Value>) {
    this.#path = binding.definition.path;
    this.#iterator = iterator;
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

/** Responses, in the order in which they came, then the call's end. */
abstract class ResponseIterator<Input extends DescMessage, Output extends DescMessage>
  extends ClientCall<Input, Output>
  implements AsyncIterator<MessageShape<Output>, undefined>
{
  readonly #queue = new ResponseQueue<MessageShape<Output>>();
  #begun = false;
  #reading = false;
  #end: CallEnd | undefined;
  #endTold = false;
  #waiting: (() => void)[] = [];

  /** Starts the call. */
  protected abstract begin(): void;

  async next(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    if (!this.#begun) {
      this.#begun = true;
      this.begin();
      this.#readMore();
    }
    while (this.#queue.isEmpty && this.#end === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const value = this.#queue.shift();
    if (value !== undefined) {
      this.#readMore();
      return { value, done: false };
    }
    if (this.#end !== undefined && !this.#endTold) {
      this.#endTold = true;
      if (!isOk(this.#end)) {
        throw this.errorOf(this.#end);
      }
    }
    return { value: undefined, done: true };
  }

  /** Leaving the loop: cancels the call. */
  async return(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    this.#begun = true;
    this.#endTold = true;
    this.cancel({ status: clientStatus(Status.CANCELLED, "The caller stopped reading") });
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    await this.return();
    throw error;
  }

  protected override onResponse(response: MessageShape<Output>): void {
    this.#reading = false;
    this.#queue.push(response, this.responseBytes);
    this.#readMore();
    this.#wake();
  }

  protected override onEnd(end: CallEnd): void {
    this.#end = end;
    this.#wake();
  }

  /** As {@link ClientCall.cancel}; what was read ahead is of no interest any more. */
  protected override cancel(end: CallEnd): void {
    this.#queue.clear();
    super.cancel(end);
  }

  #readMore(): void {
    if (!this.#reading && this.#end === undefined && this.#queue.hasRoom) {
      this.#reading = true;
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

  constructor(binding: MethodBinding<Input, Output>, options: CallOptions, request: MessageInitShape<Input>) {
    super(binding, options);
    this.#request = request;
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
