import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  ProbeRequestSchema,
  type ProbeResponse,
  ProbeResponseSchema,
} from "../../../runtime/test-support/gen/probe/v1/probe_pb.js";

/** What came back of a call, as it was on the wire. */
export interface WireAnswer {
  /** The HTTP status; `undefined` if there were no headers. */
  readonly http: number | undefined;
  /** The value of `grpc-status` as it was sent, once; `undefined` if there was none. */
  readonly status: string | undefined;
  /** `grpc-message`, unescaped. */
  readonly message: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly responses: readonly ProbeResponse[];
  /** What was after the last whole message. */
  readonly rest: number;
  /** The code of the RST_STREAM with which the stream ended. */
  readonly reset: number;
}

/** A call that is under way. */
export interface WireCall {
  readonly stream: ClientHttp2Stream;
  readonly answer: Promise<WireAnswer>;
}

/** A gRPC message in its frame: a flag, and the length, which may be a lie. */
export function framed(message: Uint8Array, { flag = 0, length = message.byteLength } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

/** A request in its frame. */
export function request(init: MessageInitShape<typeof ProbeRequestSchema> = {}): Buffer {
  return framed(toBinary(ProbeRequestSchema, create(ProbeRequestSchema, init)));
}

/** A client that knows nothing of gRPC but what is on the wire. */
export class Http2Caller {
  readonly session: ClientHttp2Session;
  readonly socket: Socket;

  constructor(address: string, settings: { readonly initialWindowSize?: number } = {}) {
    const [host = "", port = ""] = address.split(":");
    this.socket = connectSocket(Number(port), host);
    this.session = connect(`http://${address}`, { settings, createConnection: () => this.socket });
    this.session.on("error", () => {});
  }

  /** Starts a call; an undefined header is left out. */
  open(path: string, headers: OutgoingHttpHeaders = {}): WireCall {
    const all: OutgoingHttpHeaders = {
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    const stream = this.session.request(sent, { endStream: false });
    return { stream, answer: answerOf(stream) };
  }

  /** A whole call. */
  call(path: string, body: readonly Buffer[], headers: OutgoingHttpHeaders = {}): Promise<WireAnswer> {
    const { stream, answer } = this.open(path, headers);
    for (const part of body) {
      stream.write(part);
    }
    stream.end();
    return answer;
  }

  close(): void {
    this.session.destroy();
  }
}

function answerOf(stream: ClientHttp2Stream): Promise<WireAnswer> {
  return new Promise((resolve) => {
    const body: Buffer[] = [];
    let headers: Record<string, unknown> = {};
    let trailers: Record<string, unknown> = {};
    stream.on("response", (received) => {
      headers = received;
    });
    stream.on("trailers", (received) => {
      trailers = received;
    });
    stream.on("data", (chunk: Buffer) => body.push(chunk));
    stream.on("error", () => {});
    stream.once("close", () => {
      const { responses, rest } = unframed(Buffer.concat(body));
      const status = trailers["grpc-status"] ?? headers["grpc-status"];
      const message = trailers["grpc-message"] ?? headers["grpc-message"] ?? "";
      resolve({
        http: headers[":status"] as number | undefined,
        status: status === undefined ? undefined : String(status),
        message: decodeURIComponent(String(message)),
        headers,
        trailers,
        responses,
        rest,
        reset: stream.rstCode ?? 0,
      });
    });
  });
}

function unframed(body: Buffer): { responses: ProbeResponse[]; rest: number } {
  const responses: ProbeResponse[] = [];
  let at = 0;
  while (at + 5 <= body.byteLength && at + 5 + body.readUInt32BE(at + 1) <= body.byteLength) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    responses.push(fromBinary(ProbeResponseSchema, body.subarray(at + 5, end)));
    at = end;
  }
  return { responses, rest: body.byteLength - at };
}
