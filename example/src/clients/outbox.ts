/** The request side of a stream, for a caller that decides as it goes what to send. */
export class Outbox<T> implements AsyncIterable<T> {
  readonly #messages: T[] = [];
  #closed = false;
  #wake = () => {};

  send(message: T): void {
    this.#messages.push(message);
    this.#wake();
  }

  /** Says that nothing more will be sent. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        yield message;
      } else if (this.#closed) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
