import type { Compression, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { LEAST_PACKED_BYTES } from "../transport/message-encoding.js";
import type { WebExchange } from "./web-exchange.js";

// An envelope of Connect and gRPC-Web: flags, a length, a message.
const HEAD_BYTES = 5;
const PACKED = 0x01;
/** Flags of the last envelope: Connect's and gRPC-Web's. */
const LAST = 0x82;

const ACCEPT_HEADERS = ["connect-accept-encoding", "grpc-accept-encoding"] as const;

/**
 * Packs what a handler of connect's has written, where the call says so: from message to message, as for gRPC. Connect itself would pack
 * all of a method or none.
 */
export class AnswerPacking {
  readonly #encoding: Compression | undefined;
  /** Whether each message is to be packed that the handler was given and hasn't yet written. */
  readonly #given: boolean[] = [];

  constructor(exchange: WebExchange, encodings: readonly Compression[]) {
    const accepted = ACCEPT_HEADERS.map((name) => exchange.header(name)).find((value) => value !== undefined);
    this.#encoding = chosenEncoding(accepted ?? exchange.header("accept-encoding"), encodings);
  }

  /** The handler is given a message. @param packed whether it is to be packed */
  next(packed: boolean): void {
    this.#given.push(packed);
  }

  /** The answer of a unary call of Connect's: a body, of which HTTP's headers speak. */
  async whole(answer: UniversalServerResponse): Promise<UniversalServerResponse> {
    const { status, body } = answer;
    if (status !== 200 || body === undefined || !this.#given.includes(true)) {
      return answer;
    }
    const header = new Headers(answer.header);
    // Caches are told that another caller may get it otherwise: RFC 9110, 12.5.5.
    header.append("vary", "accept-encoding");
    const message = await onlyChunk(body);
    const packed = await this.#packed(message);
    if (packed !== undefined && this.#encoding !== undefined) {
      header.set("content-encoding", this.#encoding.name);
    }
    header.set("content-length", String((packed ?? message).byteLength));
    return { ...answer, header, body: once(packed ?? message) };
  }

  /** One envelope of a stream. */
  async envelope(bytes: Uint8Array): Promise<Uint8Array> {
    const flags = bytes[0] ?? 0;
    if ((flags & LAST) !== 0 || this.#given.shift() !== true) {
      return bytes;
    }
    const packed = await this.#packed(bytes.subarray(HEAD_BYTES));
    return packed === undefined ? bytes : enveloped(flags | PACKED, packed);
  }

  /** `undefined`: it is better off as it is. */
  async #packed(message: Uint8Array): Promise<Uint8Array | undefined> {
    if (message.byteLength < LEAST_PACKED_BYTES) {
      return undefined;
    }
    const packed = await this.#encoding?.compress(new Uint8Array(message));
    return packed !== undefined && packed.byteLength < message.byteLength ? packed : undefined;
  }
}

/** The encoding that a header accepts and the server has; `undefined`: none. Of several, the caller's first. */
function chosenEncoding(accepted: string | undefined, encodings: readonly Compression[]): Compression | undefined {
  for (const part of (accepted ?? "").split(",")) {
    const [name, ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const encoding = encodings.find((one) => one.name === name);
    if (encoding !== undefined && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))) {
      return encoding;
    }
  }
  return undefined;
}

function enveloped(flags: number, message: Uint8Array): Uint8Array {
  const envelope = new Uint8Array(HEAD_BYTES + message.byteLength);
  envelope[0] = flags;
  new DataView(envelope.buffer).setUint32(1, message.byteLength);
  envelope.set(message, HEAD_BYTES);
  return envelope;
}

async function onlyChunk(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  for await (const chunk of body) {
    return chunk;
  }
  return new Uint8Array(0);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
