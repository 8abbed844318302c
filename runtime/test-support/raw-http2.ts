import { connect, type Socket } from "node:net";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7 } as const;
const FLAG = { ack: 1, endStream: 1, endHeaders: 4 } as const;

/** A frame that was read. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** HTTP/2 frame by frame, for what no client library would send. */
export class RawHttp2 {
  readonly socket: Socket;
  /** What the server has sent, in its order. */
  readonly received: RawFrame[] = [];

  constructor(address: string) {
    const [host = "", port = ""] = address.split(":");
    this.socket = connect(Number(port), host);
    this.socket.on("error", () => {});
    readFrames(this.socket, (read) => this.received.push(read));
    this.socket.write(Buffer.concat([Buffer.from(PREFACE), RawHttp2.settings()]));
  }

  /** Writes frames, in one packet. */
  write(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** The last streams of the GOAWAY frames that were read. */
  get lastStreams(): number[] {
    return this.received.filter(({ type }) => type === FRAME.goAway).map(({ payload }) => payload.readUInt32BE(0));
  }

  static settings(): Buffer {
    return frame(FRAME.settings, 0, 0, Buffer.alloc(0));
  }

  static headers(path: string, stream = 1): Buffer {
    const fields = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", path],
      [":authority", "test"],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
    ] as const;
    const block = Buffer.concat(fields.map(([name, value]) => literal(name, value)));
    return frame(FRAME.headers, FLAG.endHeaders, stream, block);
  }

  /** A gRPC message without content. */
  static emptyMessage(stream = 1): Buffer {
    return frame(FRAME.data, 0, stream, Buffer.alloc(5));
  }

  static halfClose(stream = 1): Buffer {
    return frame(FRAME.data, FLAG.endStream, stream, Buffer.alloc(0));
  }

  /** The reset that a cancelling client sends. */
  static cancel(): Buffer {
    return RawHttp2.reset(1, 8);
  }

  static reset(stream: number, code: number): Buffer {
    return frame(FRAME.reset, 0, stream, Buffer.from([0, 0, 0, code]));
  }

  static ping(): Buffer {
    return frame(FRAME.ping, 0, 0, Buffer.alloc(8));
  }

  static pingAnswer({ payload }: RawFrame): Buffer {
    return frame(FRAME.ping, FLAG.ack, 0, payload);
  }

  static goAway(lastStream: number): Buffer {
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(lastStream, 0);
    return frame(FRAME.goAway, 0, 0, payload);
  }
}

/** Reads the frames that a peer sends. A client's preface isn't one. */
export function readFrames(socket: Socket, onFrame: (frame: RawFrame) => void): void {
  let unread = Buffer.alloc(0);
  let isFirst = true;
  socket.on("data", (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    if (isFirst && unread.subarray(0, 3).toString() === "PRI") {
      if (unread.byteLength < PREFACE.length) {
        return;
      }
      unread = unread.subarray(PREFACE.length);
    }
    isFirst = false;
    while (unread.byteLength >= 9 && unread.byteLength >= 9 + unread.readUIntBE(0, 3)) {
      const end = 9 + unread.readUIntBE(0, 3);
      onFrame({
        type: unread.readUInt8(3),
        flags: unread.readUInt8(4),
        stream: unread.readUInt32BE(5),
        payload: unread.subarray(9, end),
      });
      unread = unread.subarray(end);
    }
  });
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

// A header field as HPACK's literal without indexing; both parts are shorter than 127 bytes.
function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}
