import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { PeerCertificate } from "node:tls";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";
import { type Connection, peerName } from "../http2/served-session.js";
import { verifiedCertificate } from "../http2/verified-certificate.js";
import { type Alarm, deadlines, type Expiring } from "../transport/deadline-wheel.js";
import { WebExchange, type WebPeer } from "./web-exchange.js";

/** What bounds a connection of HTTP/1.1, in milliseconds. `Infinity`: without a limit. */
export interface Http1Policy {
  readonly headersTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly maxAgeMs: number;
  /** How many requests a connection may have at a time: HTTP/1.1 lets a peer send the next before it has the answer. */
  readonly maxConcurrentRequests: number;
}

// HTTP/2's of this server, and more than any client needs.
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Connections of HTTP/1.1, accepted elsewhere: their requests are handed on.
 *
 * What Node's server watches over while it listens (slow headers) is watched here: this one never listens.
 */
export class Http1Connections {
  readonly #server: Server;
  readonly #policy: Http1Policy;
  readonly #connections = new Map<Duplex, Http1Connection>();
  #isLeaving = false;
  #idle: (() => void)[] = [];

  /** @param onRequest takes a request; it must not throw */
  constructor(policy: Http1Policy, onRequest: (exchange: WebExchange) => void) {
    this.#policy = policy;
    const options = { maxHeaderSize: MAX_HEADER_BYTES, insecureHTTPParser: false, requireHostHeader: true };
    this.#server = createServer(options, (request, response) => this.#request(request, response, onRequest));
    // These are for who listens. Each connection has its own alarm.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    // What no method is served by: tunnels, and other protocols.
    this.#server.on("connect", (_request: IncomingMessage, socket: Duplex) => socket.destroy());
  }

  /** Takes a connection. */
  accept(socket: Duplex): void {
    const connection = new Http1Connection(socket, this.#policy);
    this.#connections.set(socket, connection);
    socket.once("close", () => this.#closed(socket));
    this.#server.emit("connection", socket);
    if (this.#isLeaving) {
      connection.leave();
    }
  }

  /** Closes each connection as soon as it has no request. */
  leave(): void {
    this.#isLeaving = true;
    for (const connection of this.#connections.values()) {
      connection.leave();
    }
  }

  /** Resolves when there are no connections. */
  idle(): Promise<void> {
    return this.#connections.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends all connections. */
  destroy(): void {
    for (const socket of this.#connections.keys()) {
      socket.destroy();
    }
  }

  #request(request: IncomingMessage, response: ServerResponse, onRequest: (exchange: WebExchange) => void): void {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) {
      request.socket.destroy();
      return;
    }
    if (connection.isRefused) {
      // It came behind a request that others may have read otherwise: whose it is can't be told.
      return;
    }
    connection.begun(response);
    const exchange = new WebExchange(request, response, connection);
    if (isAmbiguous(request)) {
      connection.isRefused = true;
      exchange.answer(501, { connection: "close" });
    } else {
      onRequest(exchange);
    }
  }

  #closed(socket: Duplex): void {
    this.#connections.get(socket)?.closed();
    this.#connections.delete(socket);
    if (this.#connections.size === 0) {
      for (const resolve of this.#idle.splice(0)) {
        resolve();
      }
    }
  }
}

/**
 * Whether a body is transferred by more than chunks. Node's parser looks at the last coding alone; a proxy that looks at the first, or at a
 * length, takes the body for another one: RFC 9112, 6.1 has such requests refused.
 */
function isAmbiguous({ headers }: IncomingMessage): boolean {
  const coding = headers["transfer-encoding"];
  return coding !== undefined && coding.trim().toLowerCase() !== "chunked";
}

/** One of them: whose it is, and what it waits for. */
class Http1Connection implements WebPeer, Expiring {
  /** No request of it is served any more. */
  isRefused = false;
  readonly addresses: ConnectionAddresses;
  readonly peer: string;
  readonly #socket: Connection;
  readonly #policy: Http1Policy;
  readonly #agesAt: number;
  #requests = 0;
  #alarm: Alarm | undefined;
  #isLeaving = false;

  constructor(socket: Connection, policy: Http1Policy) {
    const { remoteAddress, remotePort } = socket;
    this.addresses = { remoteAddress, remotePort };
    this.peer = peerName(this.addresses);
    this.#socket = socket;
    this.#policy = policy;
    this.#agesAt = performance.now() + policy.maxAgeMs * (0.9 + Math.random() * 0.2);
    this.#wait(policy.headersTimeoutMs);
  }

  get peerCertificate(): PeerCertificate | undefined {
    return verifiedCertificate(this.#socket);
  }

  read(): void {}

  /** A request's headers are there. */
  begun(response: ServerResponse): void {
    this.#silence();
    this.#requests += 1;
    if (this.#isLeaving || performance.now() >= this.#agesAt) {
      response.setHeader("connection", "close");
    }
    if (this.#requests > this.#policy.maxConcurrentRequests) {
      this.#socket.destroy();
    }
    response.once("close", () => this.#ended());
  }

  leave(): void {
    this.#isLeaving = true;
    if (this.#requests === 0) {
      this.#socket.end();
    }
  }

  closed(): void {
    this.#silence();
  }

  /** The headers didn't come, or no next request did. */
  expired(): void {
    this.#alarm = undefined;
    this.#socket.destroy();
  }

  #ended(): void {
    this.#requests -= 1;
    if (this.#requests > 0 || this.#socket.destroyed) {
      return;
    }
    if (this.#isLeaving) {
      this.#socket.end();
    }
    // From a request's end to the next one's headers: both in one, since nothing tells where the first begins.
    this.#wait(this.#policy.keepAliveTimeoutMs + this.#policy.headersTimeoutMs);
  }

  #wait(milliseconds: number): void {
    this.#silence();
    this.#alarm = deadlines.set(this, milliseconds);
  }

  #silence(): void {
    if (this.#alarm !== undefined) {
      deadlines.clear(this.#alarm);
      this.#alarm = undefined;
    }
  }
}
