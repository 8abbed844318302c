import type { Message } from "@bufbuild/protobuf";

/** Looks at a message. What it returns takes the message's place; `undefined` leaves it. What it throws ends the call. */
export type MessageWatcher = (message: Message) => Message | undefined | undefined;

/** A call, as its handler interceptors see it beyond its context. */
export interface InterceptedCall {
  /**
   * The request of a method that takes one. Asking for it reads the body: before that, and before `next()`, headers are all
   * that the call has cost.
   *
   * Rejects if the call ends before the request is there.
   *
   * @throws {TypeError} for a method that takes a stream of requests: see {@link onRequest}
   */
  request(): Promise<Message>;
  /** Has each request seen, before the handler gets it. To be called before `next()`. */
  onRequest(watcher: MessageWatcher): void;
  /** Has each response seen, before it is sent: as a whole message. To be called before `next()`. */
  onResponse(watcher: MessageWatcher): void;
}

/** What the interceptors of one call have asked for. */
export class Interception implements InterceptedCall {
  readonly #readRequest: () => Promise<Message>;
  #onRequest: MessageWatcher[] | undefined;
  #onResponse: MessageWatcher[] | undefined;

  constructor(readRequest: () => Promise<Message>) {
    this.#readRequest = readRequest;
  }

  request(): Promise<Message> {
    return this.#readRequest();
  }

  onRequest(watcher: MessageWatcher): void {
    this.#onRequest ??= [];
    this.#onRequest.push(watcher);
  }

  onResponse(watcher: MessageWatcher): void {
    this.#onResponse ??= [];
    // The innermost sees it first, as with whatever comes back from the handler.
    this.#onResponse.unshift(watcher);
  }

  get seesResponses(): boolean {
    return this.#onResponse !== undefined;
  }

  /** What the watchers make of a request. @throws what one of them threw */
  seenRequest(request: Message): Message {
    return seen(request, this.#onRequest);
  }

  /** What the watchers make of a response. @throws what one of them threw */
  seenResponse(response: Message): Message {
    return seen(response, this.#onResponse);
  }
}

function seen(message: Message, watchers: readonly MessageWatcher[] = []): Message {
  return watchers.reduce((current, watch) => watch(current) ?? current, message);
}
