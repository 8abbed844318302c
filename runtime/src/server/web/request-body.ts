import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { BufferingCall, RequestBudget } from "../http2/request-budget.js";

/** Who reads a body, as far as the body has to tell. */
export interface BodyReader {
  /** So many bytes came. */
  received(bytes: number): void;
  /** The server holds as many requests as it can. */
  refused(): void;
}

/**
 * A request's body, read when somebody asks for more. What was read counts in the server's budget until the call has got a message of
 * it: of several that may not all be held, some wait.
 */
export class RequestBody implements BufferingCall {
  readonly #request: IncomingMessage | Http2ServerRequest;
  readonly #budget: RequestBudget;
  readonly #maxBytes: number;
  readonly #reader: BodyReader;
  #heldBytes = 0;
  #wake: (() => void) | undefined;
  #isWaiting = false;
  #isDropped = false;

  /** @param maxBytes what one message may have */
  constructor(
    request: IncomingMessage | Http2ServerRequest,
    budget: RequestBudget,
    maxBytes: number,
    reader: BodyReader,
  ) {
    this.#request = request;
    this.#budget = budget;
    this.#maxBytes = maxBytes;
    this.#reader = reader;
    request.on("readable", this.#onRead).on("end", this.#onRead).on("close", this.#onRead).on("aborted", this.#onRead);
  }

  readonly #onRead = (): void => this.#wake?.();

  get missingBytes(): number {
    return Math.max(0, this.#maxBytes - this.#heldBytes);
  }

  holdOn(): void {
    this.#isWaiting = true;
  }

  readOn(): void {
    this.#isWaiting = false;
    this.#wake?.();
  }

  /** All of it has come. */
  get isComplete(): boolean {
    return this.#request.complete;
  }

  /** What was read so far is the handler's, or nobody's. */
  release(): void {
    if (this.#heldBytes > 0) {
      this.#budget.hold(-this.#heldBytes);
      this.#heldBytes = 0;
    }
    this.#budget.done(this);
  }

  /** Nobody reads it any more: what still comes is let through. */
  drop(): void {
    if (!this.#isDropped) {
      this.#isDropped = true;
      this.release();
      this.#wake?.();
      // While somebody listens for it, a stream doesn't flow.
      this.#request.off("readable", this.#onRead);
      this.#request.resume();
    }
  }

  /** The body, once. It ends early, with an error, when it is dropped or the peer goes away. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#isDropped) {
        throw new Error("Nobody reads this body any more");
      }
      await this.#permission();
      const chunk: Buffer | null = this.#isDropped ? null : this.#request.read();
      if (chunk !== null) {
        this.#heldBytes += chunk.byteLength;
        this.#budget.hold(chunk.byteLength);
        this.#reader.received(chunk.byteLength);
        yield chunk;
      } else if (this.#request.readableEnded) {
        return;
      } else if (this.#hasLeft) {
        throw new Error("The peer has gone");
      } else if (!this.#isDropped) {
        await this.#woken();
      }
    }
  }

  async #permission(): Promise<void> {
    if (this.#heldBytes === 0 || this.#request.readableEnded) {
      return;
    }
    const permission = this.#budget.ask(this);
    if (permission === "refuse") {
      this.#reader.refused();
      return;
    }
    this.#isWaiting = permission === "wait";
    while (this.#isWaiting && !this.#isDropped && !this.#hasLeft) {
      await this.#woken();
    }
  }

  get #hasLeft(): boolean {
    return this.#request.destroyed || this.#request.aborted;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
