import type { Socket } from "node:net";
import type { CallCarrier } from "../../call/method-layer.js";
import type { Logger } from "../../log/logger.js";
import { bearerAuth } from "../../server/bearer-auth.js";
import type { BoundService } from "../../server/bind-service.js";
import { Listener, type ListeningAddress } from "../../server/listener.js";
import { createServer, type GrpcServer } from "../../server/server.js";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";
import { silentLogger } from "../call-context.js";
import type { MockedWire } from "./mock-service.js";
import { MockedConnection } from "./mocked-connection.js";

/** How a mock is served. */
export interface MockServerOptions {
  /** Default: one that writes nothing. */
  readonly logger?: Logger;
  /** How long calls may run on when it drains, in milliseconds. Default: 1 s. */
  readonly drainMs?: number;
  /** What callers with a token may do. Default: nothing. */
  readonly scopes?: readonly string[];
}

/** Serves mocked services at an address, over connections that can be broken; drains, and comes back at the same address. */
export class MockServer implements MockedWire {
  readonly #options: MockServerOptions;
  readonly #services: (wire: MockedWire) => readonly BoundService[];
  readonly #connections = new Map<string, MockedConnection>();
  #server: GrpcServer;
  #listener: Listener | undefined;
  #address: string | undefined;
  #restarting: Promise<void> | undefined;
  #isClosed = false;

  /** @param services makes them: each server, the one after a drain too, binds them anew */
  constructor(services: (wire: MockedWire) => readonly BoundService[], options: MockServerOptions) {
    this.#services = services;
    this.#options = options;
    this.#server = this.#makeServer();
  }

  /** @throws {Error} in one line, if the address can't be listened on */
  async start(address: string): Promise<ListeningAddress> {
    const listener = new Listener((socket) => this.#accept(socket));
    const [bound] = await listener.listen([address]);
    if (bound === undefined) {
      throw new Error(`Can't listen on ${address}`);
    }
    this.#listener = listener;
    this.#address = bound.address;
    return bound;
  }

  cut({ addresses }: CallCarrier): void {
    this.#connections.get(keyOf(addresses))?.cut();
  }

  silence({ addresses }: CallCarrier): void {
    this.#connections.get(keyOf(addresses))?.silence();
  }

  /** Drains as at a rollout: no new connections, calls end, and a new server comes at the same address. Once at a time. */
  drain(): void {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined;
    });
    // Whoever ends the mock meanwhile is who hears of what went wrong.
    this.#restarting.catch(() => {});
  }

  /** Ends it: calls that run may end first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#restarting?.catch(() => {});
    this.#listener?.close();
    await this.#server.drain("closed");
    this.#listener?.destroyConnections();
  }

  async #restart(): Promise<void> {
    this.#listener?.close();
    await this.#server.drain("mocked drain");
    if (this.#isClosed || this.#address === undefined) {
      return;
    }
    this.#server = this.#makeServer();
    await this.start(this.#address);
  }

  #makeServer(): GrpcServer {
    const { logger = silentLogger, drainMs = 1_000, scopes = [] } = this.#options;
    return createServer(this.#services(this), {
      logger,
      drainMs,
      auth: bearerAuth(() => ({ subject: "mocked caller", scopes })).verifier,
      handleSignals: false,
      reflection: "anonymous",
    });
  }

  #accept(socket: Socket): void {
    const connection = new MockedConnection(socket);
    const key = keyOf(connection);
    this.#connections.set(key, connection);
    connection.once("close", () => this.#connections.delete(key));
    this.#server.accept(connection).catch(() => connection.destroy());
  }
}

function keyOf({ remoteAddress, remotePort }: ConnectionAddresses): string {
  return `${remoteAddress}:${remotePort}`;
}
