/** How far a stream is read ahead of its consumer. grpc-js's own streams hold 16 messages, whatever their size. */
const MAX_MESSAGES = 16;
const MAX_BYTES = 64 * 1024;

/**
 * Responses that have come and weren't taken yet.
 *
 * Reading ahead isn't only faster: when a call fails, grpc-js drops the messages that it wasn't asked for.
 */
export class ResponseQueue<Message> {
  readonly #messages: { readonly message: Message; readonly bytes: number }[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** Whether one more may be read. At least one always may, however large. */
  get hasRoom(): boolean {
    return this.#messages.length < MAX_MESSAGES && this.#bytes < MAX_BYTES;
  }

  push(message: Message, bytes: number): void {
    this.#messages.push({ message, bytes });
    this.#bytes += bytes;
  }

  shift(): Message | undefined {
    const first = this.#messages.shift();
    this.#bytes -= first?.bytes ?? 0;
    return first?.message;
  }

  clear(): void {
    this.#messages.length = 0;
    this.#bytes = 0;
  }
}
