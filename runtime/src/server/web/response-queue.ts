// Enough to keep a connection busy, and little enough for any number of slow readers.
const MAX_BYTES = 64 * 1024;
const MAX_MESSAGES = 256;

/** A message that waits to be written. */
export interface QueuedResponse {
  readonly bytes: Uint8Array;
  /** Whether it is to be packed. */
  readonly packed: boolean;
}

/** Encoded responses that wait to be written, in order, and their end. */
export class ResponseQueue {
  readonly #onRoom: () => void;
  readonly #waiting: QueuedResponse[] = [];
  #bytes = 0;
  #isFull = false;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  /** @param onRoom called when there is room again, after {@link push} has said that there is none */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  /** @returns whether there is room for more */
  push(bytes: Uint8Array, packed: boolean): boolean {
    this.#waiting.push({ bytes, packed });
    this.#bytes += bytes.byteLength;
    this.#isFull = this.#bytes >= MAX_BYTES || this.#waiting.length >= MAX_MESSAGES;
    this.#wake?.();
    return !this.#isFull;
  }

  /** Nothing follows. */
  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** The next message, when there is one; `undefined`: there are no more. */
  async next(): Promise<QueuedResponse | undefined> {
    while (this.#waiting.length === 0 && !this.#hasEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const message = this.#waiting.shift();
    this.#bytes -= message?.bytes.byteLength ?? 0;
    if (this.#isFull && this.#waiting.length === 0) {
      this.#isFull = false;
      this.#onRoom();
    }
    return message;
  }
}
