interface Waiting<T> {
  readonly promise: Promise<IteratorResult<T, undefined>>;
  resolve(result: IteratorResult<T, undefined>): void;
  reject(reason: unknown): void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The requests of a client stream, pulled one by one: a message is read from the connection when somebody waits for it.
 *
 * It can be iterated once. Leaving the iteration means that the handler has read enough; the call goes on.
 */
export class RequestStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #pull: { pull(): void };
  readonly #waiting: Waiting<T>[] = [];
  #ended = false;
  #failedWith: Error | undefined;

  /** @param pull reads one message, which is then given to {@link push}, {@link end} or {@link fail} */
  constructor(pull: { pull(): void }) {
    this.#pull = pull;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#failedWith !== undefined) {
      return quietly(Promise.reject(this.#failedWith));
    }
    if (this.#ended) {
      return Promise.resolve(DONE);
    }
    const waiting = makeWaiting<T>();
    this.#waiting.push(waiting);
    if (this.#waiting.length === 1) {
      this.#pull.pull();
    }
    return waiting.promise;
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.end();
    return Promise.resolve(DONE);
  }

  /** A message came. */
  push(message: T): void {
    // Without anybody waiting, the handler left the iteration while the message was on its way.
    this.#waiting.shift()?.resolve({ done: false, value: message });
    if (this.#waiting.length > 0) {
      this.#pull.pull();
    }
  }

  /** The client has sent all of its messages. */
  end(): void {
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) {
      waiting.resolve(DONE);
    }
  }

  /** The call is over before all messages came. The iteration throws, so that half of a stream is never taken for all of it. */
  fail(reason: Error): void {
    if (this.#ended) {
      return;
    }
    this.#failedWith ??= reason;
    for (const waiting of this.#waiting.splice(0)) {
      quietly(waiting.promise);
      waiting.reject(this.#failedWith);
    }
  }
}

function makeWaiting<T>(): Waiting<T> {
  let resolve: Waiting<T>["resolve"] = nothing;
  let reject: Waiting<T>["reject"] = nothing;
  const promise = new Promise<IteratorResult<T, undefined>>((resolveWith, rejectWith) => {
    resolve = resolveWith;
    reject = rejectWith;
  });
  return { promise, resolve, reject };
}

// A handler that asked for a message and then forgot about it must not end the process.
function quietly<P extends Promise<unknown>>(promise: P): P {
  promise.catch(nothing);
  return promise;
}

function nothing(): void {}
