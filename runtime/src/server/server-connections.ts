import type { Duplex } from "node:stream";
import { SERVER_DEFAULTS } from "../contract/defaults.js";
import { Http2Connections, type ServerTls, type StreamHandler } from "./http2/http2-server.js";
import type { ServedMethod } from "./served-method.js";
import { connectionOptions, type ServerOptions } from "./server-options.js";
import { DEFAULT_HEADERS_TIMEOUT_MS, DEFAULT_KEEP_ALIVE_TIMEOUT_MS } from "./web/http-options.js";
import { Http1Connections } from "./web/http1-connections.js";
import { type ProtocolPatience, tellProtocol } from "./web/protocol-of-connection.js";
import type { WebFront } from "./web/web-front.js";

/** The connections of a server, of HTTP/2 and, where it speaks more than gRPC, of HTTP/1.1. */
export class ServerConnections {
  readonly #isTls: boolean;
  readonly #patience: ProtocolPatience;
  readonly #http2: Http2Connections;
  readonly #http1: Http1Connections | undefined;

  /** @param web who takes what isn't gRPC's; `undefined`: nobody, and all connections are HTTP/2's */
  constructor(
    options: ServerOptions,
    tls: ServerTls | undefined,
    onStream: StreamHandler,
    web: WebFront<ServedMethod> | undefined,
  ) {
    const connections = connectionOptions(options);
    const { headersTimeoutMs = DEFAULT_HEADERS_TIMEOUT_MS, keepAliveTimeoutMs = DEFAULT_KEEP_ALIVE_TIMEOUT_MS } =
      options.http ?? {};
    const { maxAgeMs } = connections.policy;
    const maxConcurrentRequests = connections.maxConcurrentStreams;
    this.#isTls = tls !== undefined;
    this.#patience = {
      silentMs: options.maxConnectionIdleMs ?? SERVER_DEFAULTS.connectionIdleMs,
      begunMs: headersTimeoutMs,
    };
    this.#http1 =
      web && new Http1Connections({ headersTimeoutMs, keepAliveTimeoutMs, maxAgeMs, maxConcurrentRequests }, web.enter);
    const acceptHttp1 = this.#http1 && ((socket: Duplex) => this.#http1?.accept(socket));
    this.#http2 = new Http2Connections({ ...connections, tls, acceptHttp1 }, onStream);
  }

  /** Takes a connection that was accepted. */
  accept(socket: Duplex): void {
    if (this.#http1 === undefined || this.#isTls) {
      this.#http2.accept(socket);
      return;
    }
    tellProtocol(socket, this.#patience, this.#told);
  }

  readonly #told = (socket: Duplex, isHttp2: boolean): void => {
    if (isHttp2) {
      this.#http2.accept(socket);
    } else {
      this.#http1?.accept(socket);
    }
  };

  /** New connections get these certificates. @throws {Error} if they can't be used */
  renew(tls: ServerTls): void {
    this.#http2.renew(tls);
  }

  /** Lets streams send little ahead while the server holds as much as it may. */
  narrow(isNarrow: boolean): void {
    this.#http2.narrow(isNarrow);
  }

  /** Tells all peers to make no new calls. Each connection closes when its last call has ended. */
  leave(): void {
    this.#http2.leave();
    this.#http1?.leave();
  }

  /** Resolves when there are no connections: whatever was written on them is on its way. */
  async idle(): Promise<void> {
    await Promise.all([this.#http2.idle(), this.#http1?.idle()]);
  }

  /** Ends all connections. */
  destroy(): void {
    this.#http2.destroy();
    this.#http1?.destroy();
  }
}
