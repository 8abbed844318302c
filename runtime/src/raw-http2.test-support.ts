import { connect, type Socket } from "node:net";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME = { data: 0, headers: 1, reset: 3, settings: 4 } as const;
const FLAG = { endStream: 1, endHeaders: 4 } as const;

/** HTTP/2 frame by frame, for what no client library would send. */
export class RawHttp2 {
  readonly socket: Socket;

  constructor(address: string) {
    const [host = "", port = ""] = address.split(":");
    this.socket = connect(Number(port), host);
    this.socket.on("error", () => {});
    this.socket.resume();
    this.socket.write(Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings, 0, 0, Buffer.alloc(0))]));
  }

  /** Writes frames of the stream 1, in one packet. */
  write(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  static headers(path: string): Buffer {
    const fields = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", path],
      [":authority", "test"],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
    ] as const;
    return frame(FRAME.headers, FLAG.endHeaders, 1, Buffer.concat(fields.map(([name, value]) => literal(name, value))));
  }

  /** A gRPC message without content. */
  static emptyMessage(): Buffer {
    return frame(FRAME.data, 0, 1, Buffer.alloc(5));
  }

  static halfClose(): Buffer {
    return frame(FRAME.data, FLAG.endStream, 1, Buffer.alloc(0));
  }

  /** The reset that a cancelling client sends. */
  static cancel(): Buffer {
    return frame(FRAME.reset, 0, 1, Buffer.from([0, 0, 0, 8]));
  }
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
