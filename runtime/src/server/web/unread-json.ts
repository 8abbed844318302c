import type { Compression } from "@connectrpc/connect/protocol";
import type { WebExchange } from "./web-exchange.js";

// Of a longer message the place isn't looked for: see `jsonFaultPath`.
const MOST_BYTES = 64 * 1024;
// An envelope of Connect and gRPC-Web: flags, a length, a message.
const HEAD_BYTES = 5;
const PACKED = 0x01;
/** Flags of envelopes that hold no message: the last one of Connect's and of gRPC-Web's. */
const LAST = 0x82;

/** A message as it came; `bytes` is undefined if there is too much of it. */
interface KeptMessage {
  readonly bytes: Buffer | undefined;
  readonly isPacked: boolean;
}

/** The messages of a request in JSON that a handler of connect's has yet to read: where one is wrong is found out by looking at it again. */
export class UnreadJson {
  readonly #isEnveloped: boolean;
  readonly #encoding: Compression | undefined;
  readonly #messages: KeptMessage[] = [];
  /** What has come of a head, and of a message. */
  #head: Buffer = Buffer.alloc(0);
  #missingBytes = 0;
  #parts: Buffer[] | undefined = [];
  #partBytes = 0;

  /** @param encoding what messages, or the body, are packed with */
  constructor(isEnveloped: boolean, encoding: Compression | undefined) {
    this.#isEnveloped = isEnveloped;
    this.#encoding = encoding;
  }

  /** More of the body has come. */
  add(chunk: Uint8Array): void {
    let rest: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (!this.#isEnveloped) {
      this.#keep(rest);
      return;
    }
    while (rest.byteLength > 0) {
      if (this.#missingBytes === 0) {
        const more = HEAD_BYTES - this.#head.byteLength;
        this.#head = Buffer.concat([this.#head, rest.subarray(0, more)]);
        rest = rest.subarray(more);
        if (this.#head.byteLength === HEAD_BYTES) {
          this.#missingBytes = this.#head.readUInt32BE(1);
        }
      } else {
        const part = rest.subarray(0, this.#missingBytes);
        this.#keep(part);
        this.#missingBytes -= part.byteLength;
        rest = rest.subarray(part.byteLength);
      }
      if (this.#head.byteLength === HEAD_BYTES && this.#missingBytes === 0) {
        this.#completed();
      }
    }
  }

  /** The first of them has been read. */
  read(): void {
    this.#messages.shift();
  }

  /** The text of the first; `undefined`: there is too much of it, or it can't be unpacked. */
  async first(): Promise<string | undefined> {
    const { bytes, isPacked } = this.#isEnveloped ? (this.#messages[0] ?? NOTHING) : this.#whole();
    if (bytes === undefined || !isPacked) {
      return bytes?.toString();
    }
    try {
      const unpacked = await this.#encoding?.decompress(new Uint8Array(bytes), MOST_BYTES);
      return unpacked && Buffer.from(unpacked).toString();
    } catch {
      return undefined;
    }
  }

  #keep(part: Buffer): void {
    this.#partBytes += part.byteLength;
    if (this.#partBytes > MOST_BYTES) {
      this.#parts = undefined;
    }
    this.#parts?.push(part);
  }

  #completed(): void {
    const flags = this.#head[0] ?? 0;
    if ((flags & LAST) === 0) {
      this.#messages.push({ bytes: this.#parts && Buffer.concat(this.#parts), isPacked: (flags & PACKED) !== 0 });
    }
    this.#head = Buffer.alloc(0);
    this.#parts = [];
    this.#partBytes = 0;
  }

  #whole(): KeptMessage {
    return { bytes: this.#parts && Buffer.concat(this.#parts), isPacked: this.#encoding !== undefined };
  }
}

const NOTHING: KeptMessage = { bytes: undefined, isPacked: false };

const ENCODING_HEADERS = ["connect-content-encoding", "grpc-encoding"] as const;

/** What keeps the messages of a request, if they are JSON. @param encodings that a request may be packed with */
export function unreadJson(exchange: WebExchange, encodings: readonly Compression[]): UnreadJson | undefined {
  const named = (name: string | null | undefined) => encodings.find((encoding) => encoding.name === name);
  if (exchange.method === "GET") {
    const { query } = exchange;
    if (query.get("encoding") !== "json") {
      return undefined;
    }
    const json = new UnreadJson(false, named(query.get("compression")));
    json.add(Buffer.from(query.get("message") ?? "", query.get("base64") === "1" ? "base64url" : "utf8"));
    return json;
  }
  const contentType = exchange.header("content-type") ?? "";
  if (/^application\/json\b/i.test(contentType)) {
    return new UnreadJson(false, named(exchange.header("content-encoding")));
  }
  if (!/json/i.test(contentType)) {
    return undefined;
  }
  const encoding = ENCODING_HEADERS.map((name) => exchange.header(name)).find((value) => value !== undefined);
  return new UnreadJson(true, named(encoding));
}
