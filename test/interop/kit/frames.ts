import { connect, type Socket } from "node:net";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** HTTP/2's frame types. */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { endStream: 1, ack: 1, endHeaders: 4 } as const;

/** A frame that came. */
export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Header fields as HPACK's literals without indexing. */
export function headerBlock(fields: Iterable<readonly [name: string, value: string | Buffer]>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    parts.push(Buffer.from([0]), text(name), text(value));
  }
  return Buffer.concat(parts);
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([length(bytes.byteLength), bytes]);
}

// HPACK's integer with a prefix of seven bits.
function length(value: number): Buffer {
  if (value < 127) {
    return Buffer.from([value]);
  }
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** What a gRPC request begins with. An undefined field is left out. */
export function requestFields(
  path: string | Buffer,
  others: Readonly<Record<string, string | undefined>> = {},
): [string, string | Buffer][] {
  const fields: [string, string | Buffer | undefined][] = Object.entries({
    ":method": "POST",
    ":scheme": "http",
    ":path": path,
    ":authority": "kit",
    "content-type": "application/grpc",
    te: "trailers",
    ...others,
  });
  return fields.filter((field): field is [string, string | Buffer] => field[1] !== undefined);
}

/** A connection on which each frame is one's own doing. */
export class FrameSocket {
  readonly socket: Socket;
  readonly received: ReceivedFrame[] = [];
  /** The peer has closed the connection. */
  closed = false;
  #unread = Buffer.alloc(0);

  /** @param acknowledge whether the peer's SETTINGS are acknowledged, and its PINGs answered */
  constructor(address: string, { settings = Buffer.alloc(0), acknowledge = true } = {}) {
    const [host = "", port = ""] = address.split(":");
    this.socket = connect(Number(port), host);
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
    });
    this.socket.on("data", (bytes: Buffer) => this.#read(bytes, acknowledge));
    this.socket.write(Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings, 0, 0, settings)]));
  }

  /** Writes frames, in one packet as far as there is room. */
  write(...frames: readonly Buffer[]): void {
    if (!this.socket.destroyed) {
      this.socket.write(Buffer.concat(frames));
    }
  }

  /** The frames of a type that came. */
  of(type: number): ReceivedFrame[] {
    return this.received.filter((each) => each.type === type);
  }

  #read(bytes: Buffer, acknowledge: boolean): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length >= 9 && this.#unread.length >= 9 + this.#unread.readUIntBE(0, 3)) {
      const end = 9 + this.#unread.readUIntBE(0, 3);
      const type = this.#unread.readUInt8(3);
      const flags = this.#unread.readUInt8(4);
      const payload = this.#unread.subarray(9, end);
      this.received.push({ type, flags, stream: this.#unread.readUInt32BE(5), payload });
      this.#unread = this.#unread.subarray(end);
      if (acknowledge && flags === 0 && (type === FRAME.settings || type === FRAME.ping)) {
        this.write(frame(type, FLAG.ack, 0, type === FRAME.ping ? payload : undefined));
      }
    }
  }
}
