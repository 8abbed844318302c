import { AsyncResource } from "node:async_hooks";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { CallOptions } from "./client-method.js";
import type { CallInInterceptors } from "./intercepted-call.js";
import type { ResponseReader } from "./response-reader.js";

/** How a stream with interceptors around it is made. */
export interface InterceptedStreamInit<Input extends DescMessage, Output extends DescMessage> {
  /** Begins the call; `undefined` if it can't be made. */
  begin(): CallInInterceptors<Input, Output> | undefined;
  /** Makes the call; as it is where none was begun, since it finds out why. */
  open(call: CallInInterceptors<Input, Output> | undefined, options: CallOptions): ResponseReader<MessageShape<Output>>;
}

/** The responses of a call with interceptors around it. The stream's end is told when they are through. */
export class InterceptedStream<Input extends DescMessage, Output extends DescMessage>
  implements ResponseReader<MessageShape<Output>>
{
  readonly #init: InterceptedStreamInit<Input, Output>;
  /** Where the stream was asked for: it may be read elsewhere, where another call is current. */
  readonly #origin = new AsyncResource("accord.stream");
  #call: CallInInterceptors<Input, Output> | undefined;
  #run: Promise<void> | undefined;
  /** Resolves when the call is made, or the interceptors have ended without. */
  #begun: Promise<unknown> | undefined;
  #reader: ResponseReader<MessageShape<Output>> | undefined;
  #finish: ((end: { readonly thrown?: unknown }) => void) | undefined;
  #isOver = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(init: InterceptedStreamInit<Input, Output>) {
    this.#init = init;
  }

  get received(): number {
    return this.#reader?.received ?? 0;
  }

  /** One at a time, in the order of asking. */
  next(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    const turn = this.#turn.then(() => this.#next());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async return(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    this.#isOver = true;
    const thrown = this.#call?.stopped();
    await this.#reader?.return();
    this.#finish?.({ thrown });
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    await this.return();
    throw error;
  }

  async #next(): Promise<IteratorResult<MessageShape<Output>, undefined>> {
    if (this.#isOver) {
      return { value: undefined, done: true };
    }
    this.#begun ??= this.#begin();
    await this.#begun;
    try {
      const result = await this.#reader?.next();
      if (result !== undefined && result.done !== true) {
        return { value: this.#call?.seenResponse(result.value) ?? result.value, done: false };
      }
      this.#finish?.({});
    } catch (thrown) {
      // The call's end, or what an interceptor threw at a response: then the call is of no use any more.
      await this.#reader?.return();
      this.#isOver = true;
      if (this.#run === undefined) {
        throw thrown;
      }
      this.#finish?.({ thrown });
    }
    this.#isOver = true;
    await this.#run;
    return { value: undefined, done: true };
  }

  #begin(): Promise<unknown> {
    const call = this.#origin.runInAsyncScope(() => this.#init.begin());
    this.#call = call;
    if (call === undefined) {
      this.#reader = this.#origin.runInAsyncScope(() => this.#init.open(undefined, {}));
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const run = this.#origin.runInAsyncScope(() =>
        call.run((options) => {
          if (this.#isOver) {
            return Promise.reject(call.stopped());
          }
          const finished = new Promise<void>((succeed, fail) => {
            this.#finish = (end) => ("thrown" in end ? fail(end.thrown) : succeed());
          });
          this.#reader = this.#init.open(call, options);
          resolve(undefined);
          return finished;
        }),
      );
      this.#run = run;
      run
        .catch(() => {})
        .finally(() => {
          resolve(undefined);
          // Interceptors that end before the call leave nobody who reads it.
          return this.#reader?.return();
        });
    });
  }
}
