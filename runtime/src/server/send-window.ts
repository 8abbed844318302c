// Enough to keep the connection busy, and little enough for any number of slow readers.
const MAX_UNSENT_BYTES = 64 * 1024;
// What a message costs besides its bytes. Without it, any number of empty ones would fit, and a handler that makes them
// without ever waiting would keep the event loop from sending them.
const MESSAGE_BYTES = 256;

/** Holds a stream's writer back while too much of what it wrote hasn't left the process. */
export class SendWindow {
  readonly #maxUnsentBytes: number;
  readonly #sizes: number[] = [];
  #unsent = 0;
  #closed = false;
  #resume: (() => void) | undefined;

  constructor(maxUnsentBytes = MAX_UNSENT_BYTES) {
    this.#maxUnsentBytes = maxUnsentBytes;
  }

  /** To be called when a message has left. Messages leave in the order in which they were written. */
  readonly sent = (): void => {
    this.#unsent -= this.#sizes.shift() ?? 0;
    if (this.#unsent < this.#maxUnsentBytes) {
      this.#release();
    }
  };

  /** A message was written. */
  wrote(bytes: number): void {
    const size = bytes + MESSAGE_BYTES;
    this.#sizes.push(size);
    this.#unsent += size;
  }

  get full(): boolean {
    return this.#unsent >= this.#maxUnsentBytes && !this.#closed;
  }

  /** Resolves when there is room again, or the call is over. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      if (this.full) {
        this.#resume = resolve;
      } else {
        resolve();
      }
    });
  }

  /** The call is over: grpc-js won't say any more what has left. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #release(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
