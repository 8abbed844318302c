import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { PeerCertificate } from "node:tls";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";

/** Whose connection a request came on: one of HTTP/1.1, or of HTTP/2. */
export interface WebPeer {
  /** `127.0.0.1:51234` */
  readonly peer: string;
  readonly peerCertificate: PeerCertificate | undefined;
  readonly addresses: ConnectionAddresses;
  /** So much of a request's body was read. */
  read(bytes: number): void;
}

// How long what a peer still sends after its answer is read and dropped: whoever is cut off while it sends may lose the answer.
const LINGER_MS = 1_000;

/** A request of HTTP/1.1 or HTTP/2, and its answer. */
export class WebExchange {
  readonly request: IncomingMessage | Http2ServerRequest;
  readonly response: ServerResponse | Http2ServerResponse;
  readonly peer: WebPeer;

  constructor(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    peer: WebPeer,
  ) {
    this.request = request;
    this.response = response;
    this.peer = peer;
    // Who waits for either hears of it by `close`.
    request.on("error", ignored);
    response.on("error", ignored);
  }

  get method(): string {
    return this.request.method ?? "";
  }

  /** The path, without its query. */
  get path(): string {
    const url = this.request.url ?? "";
    const query = url.indexOf("?");
    return query < 0 ? url : url.slice(0, query);
  }

  /** What follows the path. */
  get query(): URLSearchParams {
    return new URLSearchParams((this.request.url ?? "").slice(this.path.length));
  }

  /** What the caller calls this server. */
  get host(): string {
    const { headers } = this.request;
    return String(headers[":authority"] ?? headers.host ?? "");
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  get isHttp1(): boolean {
    return this.request.httpVersionMajor < 2;
  }

  /** Nothing reaches the peer any more, or all has. */
  get isOver(): boolean {
    return this.response.destroyed || this.response.writableEnded || this.#stream?.destroyed === true;
  }

  begin(status: number, headers: Readonly<Record<string, string | string[]>>): void {
    // The two classes overload it each in its own way.
    const response = this.response as ServerResponse;
    const vary = [response.getHeader("vary"), headers.vary].filter((part) => part !== undefined);
    response.writeHead(status, vary.length < 2 ? headers : { ...headers, vary: vary.join(", ") });
  }

  /** Lets the headers leave, though nothing follows yet. Over HTTP/2 they have left already. */
  flush(): void {
    if (this.isHttp1) {
      (this.response as ServerResponse).flushHeaders();
    }
  }

  /** @returns `undefined` if there is room for more, or a promise of it */
  write(chunk: Uint8Array): Promise<void> | undefined {
    const response = this.response as ServerResponse;
    return response.write(chunk)
      ? undefined
      : new Promise((resolve) => onceEither(response, ["drain", "close"], resolve));
  }

  /**
   * Ends the answer. What still comes is dropped, for a while. Over HTTP/1.1, the end waits for it: Node may close the connection
   * behind an answer, and a peer that still sends would be told of a reset before it has read the answer.
   */
  end(): void {
    if (this.isHttp1 && !this.request.complete) {
      this.request.resume();
      const ended = setTimeout(() => this.#finish(), LINGER_MS).unref();
      onceEither(this.request, ["end", "close"], () => {
        clearTimeout(ended);
        this.#finish();
      });
    } else {
      this.#finish();
    }
  }

  #finish(): void {
    if (this.response.writableEnded) {
      return;
    }
    this.response.end();
    if (!this.request.complete) {
      this.request.resume();
      setTimeout(() => this.abort(), LINGER_MS).unref();
    }
  }

  /** Answers with a status and, if there is something to say, a line of text. */
  answer(status: number, headers: Readonly<Record<string, string>> = {}, text = ""): void {
    if (!this.isOver) {
      this.begin(status, text === "" ? { "content-length": "0", ...headers } : { ...PLAIN_TEXT, ...headers });
      if (text !== "" && this.method !== "HEAD") {
        (this.response as ServerResponse).write(`${text}\n`);
      }
      this.end();
    }
  }

  /** Ends it, whatever state it is in. */
  abort(): void {
    const stream = this.#stream;
    if (stream === undefined) {
      if (!this.response.writableFinished || !this.request.complete) {
        this.request.socket.destroy();
      }
    } else if (!stream.destroyed) {
      stream.close(this.response.writableFinished ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_CANCEL);
    }
  }

  get #stream() {
    return "stream" in this.request ? this.request.stream : undefined;
  }
}

const PLAIN_TEXT = { "content-type": "text/plain; charset=utf-8" };

function onceEither(emitter: NodeJS.EventEmitter, events: readonly string[], then: () => void): void {
  const done = (): void => {
    for (const event of events) {
      emitter.off(event, done);
    }
    then();
  };
  for (const event of events) {
    emitter.on(event, done);
  }
}

function ignored(): void {}
