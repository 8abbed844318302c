import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { Answer, AnswerFrame } from "./answer.js";

/** Where the server is, and how it is spoken to. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** The PEM of the authorities to trust, and the name of the certificate. Undefined: without TLS. */
  readonly tls: { readonly ca: string | undefined; readonly serverName: string | undefined } | undefined;
}

/** A call as it goes onto the wire. */
export interface WireCall {
  /** `/ledger.v1.LedgerService/GetAccount` */
  readonly path: string;
  readonly metadata: OutgoingHttpHeaders;
  /** Sent as `grpc-timeout`. */
  readonly timeoutMs?: number | undefined;
  /** Messages, without their frames. */
  readonly messages: readonly Uint8Array[];
  /** The encodings that are accepted besides none. */
  readonly acceptEncoding?: string | undefined;
  /** The request stream is left open, so that the server waits for more. */
  readonly open?: boolean;
  /** How long an end is waited for. */
  readonly patienceMs: number;
}

/** A call that runs: its end, and a way to finish its request. */
export interface RunningCall {
  readonly answer: Promise<Answer>;
  finish(messages: readonly Uint8Array[]): void;
}

/** A server that can't be spoken to. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

const CONNECT_MS = 5_000;
const KEPT_BYTES = 64 * 1024 * 1024;
const KEPT_FRAMES = 1_000;
// Trailers that are too large are to be seen, not dropped.
const HEADER_BYTES = 1024 * 1024;
// Node's own limit of fields, which counts pairs, would hide an answer that has many.
const HEADER_PAIRS = 10_000;
const WINDOW = 1024 * 1024;

/** Makes a target of `host:port`, `[::1]:port` or `dns:///host:port`; undefined if it is none of them. */
export function parseTarget(text: string): Pick<Target, "host" | "port"> | undefined {
  const found = /^(?:dns:\/{3})?(?:\[([\da-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  const host = found?.[1] ?? found?.[2];
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** One HTTP/2 connection, over which gRPC is spoken by hand, so that all that a library would mend or hide can be seen. */
export class Connection {
  readonly #session: ClientHttp2Session;
  /** Resolves when the server says GOAWAY. */
  readonly goaway: Promise<void>;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  #fault: string | undefined;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
    this.goaway = new Promise((resolve) => session.once("goaway", () => resolve()));
    this.closed = new Promise((resolve) => session.once("close", () => resolve()));
    session.on("error", (error: Error) => {
      this.#fault ??= error.message;
    });
  }

  /** @throws UnreachableError if nothing speaks HTTP/2 there within five seconds */
  static open(target: Target): Promise<Connection> {
    const { host, port, tls } = target;
    const authority = `${tls === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      const session = connect(authority, {
        settings: { initialWindowSize: WINDOW, enablePush: false, maxHeaderListSize: HEADER_BYTES },
        maxHeaderListPairs: HEADER_PAIRS,
        maxSessionMemory: 256,
        ...(tls?.ca !== undefined && { ca: tls.ca }),
        ...(tls?.serverName !== undefined && { servername: tls.serverName }),
      });
      const connection = new Connection(session);
      const fail = (why: string) => {
        clearTimeout(timer);
        session.destroy();
        reject(new UnreachableError(why));
      };
      const timer = setTimeout(() => fail(`it doesn't speak HTTP/2 within ${CONNECT_MS / 1000} seconds`), CONNECT_MS);
      session.once("error", (error: NodeJS.ErrnoException) => fail(reachText(error)));
      session.once("close", () => fail("it closed the connection before it said anything"));
      // A server that speaks HTTP/2 begins with its settings.
      session.once("remoteSettings", () => {
        clearTimeout(timer);
        resolve(connection);
      });
    });
  }

  get isUsable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  close(): void {
    this.#session.destroy();
  }

  /** Resolves after what was sent has reached the server, or the connection is gone. */
  roundTrip(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isUsable || !this.#session.ping(() => resolve())) {
        resolve();
      }
    });
  }

  call(call: WireCall): Promise<Answer> {
    return this.start(call).answer;
  }

  /** Begins a call. Its answer never rejects. */
  start(call: WireCall): RunningCall {
    const started = performance.now();
    if (!this.isUsable) {
      const reason = this.#fault ?? "the connection is closed";
      return { answer: Promise.resolve(brokenAnswer(reason)), finish: () => undefined };
    }
    const stream = this.#session.request(requestHeaders(call), { endStream: false });
    const send = (messages: readonly Uint8Array[], end: boolean) => {
      for (const message of messages) {
        stream.write(framed(message));
      }
      if (end) {
        stream.end();
      }
    };
    const answer = readAnswer(stream, call.patienceMs, started, () => this.#fault);
    send(call.messages, call.open !== true);
    return {
      answer,
      finish: (messages) => {
        if (!stream.destroyed && !stream.writableEnded) {
          send(messages, true);
        }
      },
    };
  }
}

function brokenAnswer(reason: string): Answer {
  const nothing = { headers: undefined, trailers: undefined, frames: [], rest: 0, elapsedMs: 0, cut: false };
  return { ...nothing, end: "broken", reason };
}

function requestHeaders({ path, metadata, timeoutMs, acceptEncoding }: WireCall): OutgoingHttpHeaders {
  return {
    ...metadata,
    ":method": "POST",
    ":path": path,
    te: "trailers",
    "content-type": "application/grpc+proto",
    "user-agent": "accord-verify",
    ...(timeoutMs !== undefined && { "grpc-timeout": timeoutText(timeoutMs) }),
    ...(acceptEncoding !== undefined && { "grpc-accept-encoding": acceptEncoding }),
  };
}

/** At most eight digits, as the specification has it. */
function timeoutText(milliseconds: number): string {
  return milliseconds < 1e8 ? `${Math.ceil(milliseconds)}m` : `${Math.ceil(milliseconds / 1000)}S`;
}

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function readAnswer(
  stream: ClientHttp2Stream,
  patienceMs: number,
  started: number,
  fault: () => string | undefined,
): Promise<Answer> {
  return new Promise((resolve) => {
    let headers: IncomingHttpHeaders | undefined;
    let trailers: IncomingHttpHeaders | undefined;
    let ended = false;
    let cut = false;
    let failure: string | undefined;
    let kept = 0;
    const chunks: Buffer[] = [];
    const finish = (end: Answer["end"], reason: string) => {
      clearTimeout(timer);
      const { frames, rest } = framesOf(Buffer.concat(chunks));
      resolve({ end, headers, trailers, frames, rest, reason, elapsedMs: performance.now() - started, cut });
      if (!stream.destroyed) {
        stream.close(constants.NGHTTP2_CANCEL);
      }
    };
    const timer = setTimeout(() => finish("silent", "no answer"), patienceMs);
    stream.on("response", (received, flags) => {
      headers = received;
      if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
        trailers = received;
      }
    });
    stream.on("trailers", (received) => {
      trailers = received;
    });
    stream.on("data", (chunk: Buffer) => {
      kept += chunk.length;
      if (kept > KEPT_BYTES || chunks.length > KEPT_FRAMES * 4) {
        cut = true;
        finish("silent", "more came than is kept");
        return;
      }
      chunks.push(chunk);
    });
    stream.on("end", () => {
      ended = true;
      // A server may be done while its request is still under way: the stream stays half open then. Trailers come with the end.
      setImmediate(() => {
        if (trailers !== undefined) {
          finish("ended", "");
        }
      });
    });
    stream.on("error", (error: Error) => {
      failure = error.message;
    });
    stream.on("close", () => {
      // What has its status has ended, whatever the request's side is reset with afterwards.
      const whole = ended && (stream.rstCode === constants.NGHTTP2_NO_ERROR || trailers !== undefined);
      finish(
        whole || trailers?.["grpc-status"] !== undefined ? "ended" : "broken",
        resetText(stream, failure ?? fault()),
      );
    });
  });
}

function resetText({ rstCode = 0 }: ClientHttp2Stream, failure: string | undefined): string {
  const name = Object.entries(constants).find(
    ([key, value]) => RESET_NAMES.includes(key) && value === rstCode && rstCode !== 0,
  )?.[0];
  return name === undefined ? (failure ?? "the connection was lost") : `a reset with ${name.replace("NGHTTP2_", "")}`;
}

const RESET_NAMES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
].map((name) => `NGHTTP2_${name}`);

function framesOf(bytes: Buffer): { frames: AnswerFrame[]; rest: number } {
  const frames: AnswerFrame[] = [];
  let at = 0;
  while (at + 5 <= bytes.length && frames.length < KEPT_FRAMES) {
    const length = bytes.readUInt32BE(at + 1);
    if (at + 5 + length > bytes.length) {
      break;
    }
    frames.push({ compressed: bytes[at] === 1, bytes: bytes.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return { frames, rest: frames.length === KEPT_FRAMES ? 0 : bytes.length - at };
}

function reachText({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ECONNREFUSED":
      return "nothing listens there (ECONNREFUSED)";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `its name can't be looked up (${code})`;
    case "ERR_HTTP2_ERROR":
    case "ECONNRESET":
      return `what is there doesn't speak HTTP/2${message.includes("SSL") ? "" : ", or speaks TLS where none is expected (--tls), or the other way round"} (${code})`;
    default:
      return message;
  }
}
