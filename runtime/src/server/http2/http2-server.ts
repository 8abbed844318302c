import { executionAsyncResource } from "node:async_hooks";
import http2, {
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Duplex } from "node:stream";
import { LONGEST_TIMER_MS } from "../../contract/defaults.js";
import { endAfterStreams, freeAfterBytes } from "../../wire/end-after-streams.js";
import { survivePoisonedGoaway } from "./fault-poisoned-goaway.js";
import { ServedSession, type SessionPolicy, type WindowPolicy } from "./served-session.js";

/** What TLS needs, as node:tls has it. */
export interface ServerTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer | undefined;
  /** Whether callers are asked for a certificate, and whether they must have one. */
  readonly clientCertificate: "none" | "optional" | "required";
}

/** How a server's connections are set up. */
export interface ConnectionOptions {
  readonly policy: SessionPolicy;
  readonly windows: WindowPolicy;
  readonly maxConcurrentStreams: number;
  readonly tls: ServerTls | undefined;
  /** Takes connections whose peer speaks HTTP/1.1, where anybody does. Over TLS, ALPN tells; else whoever accepts. */
  readonly acceptHttp1?: ((socket: Duplex) => void) | undefined;
}

/** Takes a stream on which a request has begun. It must not throw. */
export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, session: ServedSession) => void;

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Connections that were accepted elsewhere become HTTP/2 sessions, and their requests are handed on. */
export class Http2Connections {
  readonly #server: Http2Server | Http2SecureServer;
  readonly #options: ConnectionOptions;
  readonly #onStream: StreamHandler;
  readonly #sessions = new Map<ServerHttp2Session, ServedSession>();
  #arriving: Duplex | undefined;
  #isLeaving = false;
  #isNarrow = false;
  #idle: (() => void)[] = [];

  constructor(options: ConnectionOptions, onStream: StreamHandler) {
    this.#options = options;
    this.#onStream = onStream;
    this.#server = makeServer(options);
    this.#server.on("session", (session: ServerHttp2Session) => this.#opened(session));
    this.#server.on("sessionError", () => {});
    this.#server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) =>
      this.#stream(stream, headers),
    );
    if (options.tls !== undefined) {
      // Before Node's own, which makes a session of it at once.
      this.#server.prependListener("secureConnection", (socket: Duplex) => {
        this.#arriving = socket;
      });
      this.#server.on("tlsClientError", (_error: Error, socket: Duplex) => socket.destroy());
      this.#server.on("unknownProtocol", (socket: Duplex) => {
        this.#arriving = undefined;
        if (options.acceptHttp1 === undefined) {
          socket.destroy();
        } else {
          options.acceptHttp1(socket);
        }
      });
    }
  }

  /** Takes a connection. */
  accept(socket: Duplex): void {
    this.#arriving = socket;
    this.#server.emit("connection", socket);
  }

  /** New connections get these certificates. @throws {Error} if they can't be used */
  renew({ cert, key, ca }: ServerTls): void {
    if ("setSecureContext" in this.#server) {
      this.#server.setSecureContext({ cert, key, ...(ca && { ca }) });
    }
  }

  /** Lets streams send little ahead while the server holds as much as it may, and as much as ever when it doesn't. */
  narrow(isNarrow: boolean): void {
    this.#isNarrow = isNarrow;
    for (const session of this.#sessions.values()) {
      session.narrow(isNarrow);
    }
  }

  /** Tells all peers to make no new calls. Each connection closes when its last call has ended. */
  leave(): void {
    this.#isLeaving = true;
    for (const session of this.#sessions.values()) {
      session.leave();
    }
  }

  /** Resolves when there are no connections: whatever was written on them is on its way. */
  idle(): Promise<void> {
    return this.#sessions.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends all connections. */
  destroy(): void {
    for (const session of this.#sessions.values()) {
      session.destroy();
    }
  }

  #opened(session: ServerHttp2Session): void {
    const socket = this.#arriving;
    this.#arriving = undefined;
    if (socket === undefined || session.destroyed) {
      session.destroy();
      return;
    }
    const served = new ServedSession(session, socket, this.#options.policy, this.#options.windows);
    let nativeHalf: unknown;
    // A peer's first frame is this one, and what emits the event is the native half itself.
    session.once("remoteSettings", () => {
      nativeHalf = executionAsyncResource();
    });
    endAfterStreams(
      session,
      socket,
      () => served.hasCalls,
      () => nativeHalf,
    );
    survivePoisonedGoaway(session);
    this.#sessions.set(session, served);
    if (this.#isNarrow) {
      served.narrow(true);
    }
    session.once("close", () => this.#closed(session));
    if (this.#isLeaving) {
      // Its TLS handshake took until now. It has no calls yet, and its peer is to make them elsewhere.
      served.leave();
    }
  }

  #stream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const session = stream.session && this.#sessions.get(stream.session as ServerHttp2Session);
    if (session === undefined) {
      stream.on("error", () => {});
      stream.destroy();
    } else {
      freeAfterBytes(stream);
      this.#onStream(stream, headers, session);
    }
  }

  #closed(session: ServerHttp2Session): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) {
      for (const resolve of this.#idle.splice(0)) {
        resolve();
      }
    }
  }
}

function makeServer({
  maxConcurrentStreams,
  tls,
  windows,
  acceptHttp1,
}: ConnectionOptions): Http2Server | Http2SecureServer {
  const options = {
    settings: { maxConcurrentStreams, enablePush: false, initialWindowSize: windows.firstBytes },
    // In megabytes. Node's default of ten refuses what three answers of 4 MiB need; what calls hold is bounded for each of them.
    maxSessionMemory: 1_000_000,
  };
  if (tls === undefined) {
    return http2.createServer(options);
  }
  return http2.createSecureServer({
    ...options,
    cert: tls.cert,
    key: tls.key,
    ...(tls.ca && { ca: tls.ca }),
    requestCert: tls.clientCertificate !== "none",
    rejectUnauthorized: tls.clientCertificate === "required",
    minVersion: "TLSv1.2",
    ...(acceptHttp1 === undefined
      ? { ALPNProtocols: ["h2"] }
      : { ALPNCallback: eitherProtocol, unknownProtocolTimeout: LONGEST_TIMER_MS }),
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
}

// Node ends what isn't HTTP/2 ten seconds after it was handed on, whoever has taken it. Connections of HTTP/1.1 have times of their own.
// Without a protocol in common, a peer is told so. One that names none speaks HTTP/1.1.
function eitherProtocol({ protocols }: { readonly protocols: readonly string[] }): string | undefined {
  return ["h2", "http/1.1"].find((protocol) => protocols.includes(protocol));
}
