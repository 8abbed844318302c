import type { MessageCall } from "./channel-call.js";
import { compressionFlags, type RequestCompression } from "./request-compression.js";
import { iteratorOf, type Requests } from "./requests.js";

/** What a stream of requests ends with, if not well. */
export interface RequestPumpOwner {
  /** A value that isn't a request. */
  requestUnencodable(error: unknown): void;
  /** The caller's iterable (or an interceptor) threw. */
  requestsThrew(error: unknown): void;
}

/** Sends what an iterable yields, one after the other, as fast as the peer reads. */
export class RequestPump<Init extends object> {
  readonly #call: MessageCall;
  readonly #toRequest: (init: Init) => Init;
  readonly #compress: RequestCompression | undefined;
  readonly #owner: RequestPumpOwner;
  #iterator: AsyncIterator<Init> | undefined;
  #stopped = false;
  #sent = 0;

  /** @param toRequest makes the message; may throw */
  constructor(
    call: MessageCall,
    toRequest: (init: Init) => Init,
    owner: RequestPumpOwner,
    compress: RequestCompression | undefined,
  ) {
    this.#compress = compress;
    this.#call = call;
    this.#toRequest = toRequest;
    this.#owner = owner;
  }

  /** Starts sending; the end half-closes the call. */
  start(requests: Requests<Init>): void {
    void this.#run(requests).catch((error: unknown) => {
      // An iterator that threw isn't told to return.
      this.#iterator = undefined;
      this.#owner.requestsThrew(error);
    });
  }

  /** The call is over: nothing more is sent, and the iterator returns. */
  stop(): void {
    this.#stopped = true;
    const iterator = this.#iterator;
    this.#iterator = undefined;
    // Not awaited: a generator that waits for something returns when it gets it, and what it throws then concerns nobody.
    void (async () => iterator?.return?.())().catch(() => undefined);
  }

  async #run(requests: Requests<Init>): Promise<void> {
    const iterator = iteratorOf(requests);
    this.#iterator = iterator;
    while (!this.#stopped) {
      const next = await iterator.next();
      if (this.#stopped) {
        return;
      }
      if (next.done) {
        this.#iterator = undefined;
        this.#call.halfClose();
        return;
      }
      await this.#send(next.value);
    }
  }

  /** Resolves when the next request may be sent. If the call ends before, perhaps never: nobody waits for it then. */
  #send(init: Init): Promise<void> | undefined {
    let request: Init;
    try {
      request = this.#toRequest(init);
    } catch (error) {
      this.#owner.requestUnencodable(error);
      return undefined;
    }
    const flags = compressionFlags(this.#compress, request, this.#sent++);
    return new Promise((resolve) => {
      // grpc-js calls back at once while the request fits into the retry buffer, 1 MiB per call, and when HTTP/2's
      // flow control has let it pass after that.
      this.#call.sendMessageWithContext({ ...flags, callback: () => resolve() }, request);
    });
  }
}
