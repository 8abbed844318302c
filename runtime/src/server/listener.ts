import { createServer, type Server, type Socket } from "node:net";

/** Where a server listens. */
export interface ListeningAddress {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** `127.0.0.1:50051`, `[::1]:50051`, `unix:/run/ledger.sock`: what a client can be given as its target. */
  readonly address: string;
}

type ListenTarget = { readonly host: string; readonly port: number } | { readonly path: string };

/**
 * Accepts connections and hands them on. It can stop accepting at once, and it can end every connection that it ever accepted,
 * whatever state that is in: one that has never said hello, too.
 */
export class Listener {
  readonly #accept: (socket: Socket) => void;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** @param accept is given each connection */
  constructor(accept: (socket: Socket) => void) {
    this.#accept = accept;
  }

  /**
   * Starts to accept, on all addresses or on none.
   *
   * @param addresses `0.0.0.0:50051`, `[::]:50051`, `localhost:0`, `unix:/run/ledger.sock`
   * @throws {Error} if an address makes no sense, or can't be listened on; in one line, with the system's error as `cause`
   */
  async listen(addresses: readonly string[]): Promise<ListeningAddress[]> {
    const targets = addresses.map((address) => ({ address, target: parseAddress(address) }));
    try {
      const bound: ListeningAddress[] = [];
      for (const { address, target } of targets) {
        bound.push(await this.#listen(address, target));
      }
      return bound;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Stops to accept. Connections that were accepted go on. */
  close(): void {
    for (const server of this.#servers) {
      server.close();
    }
  }

  /** Ends all connections, without a word. */
  destroyConnections(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  #listen(address: string, target: ListenTarget): Promise<ListeningAddress> {
    const server = createServer({ noDelay: true }, (socket) => this.#accepted(socket));
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => reject(listenError(address, error));
      server.once("error", failed);
      server.listen(target, () => {
        server.off("error", failed);
        server.on("error", ignored);
        this.#servers.push(server);
        resolve(boundAddress(server, address));
      });
    });
  }

  #accepted(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // Whoever takes the socket over has listeners of its own; until then, a reset mustn't end the process.
    socket.on("error", ignored);
    this.#accept(socket);
  }
}

function boundAddress(server: Server, asked: string): ListeningAddress {
  const bound = server.address();
  if (bound === null || typeof bound === "string") {
    return { port: 0, address: asked };
  }
  const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return { port: bound.port, address: `${host}:${bound.port}` };
}

function parseAddress(address: string): ListenTarget {
  if (address.startsWith("unix:")) {
    return { path: address.slice("unix:".length).replace(/^\/\/(?=\/)/, "") };
  }
  const parts = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:[\]]+)):(?<port>\d{1,5})$/.exec(address)?.groups;
  const host = parts?.v6 ?? parts?.name;
  const port = Number(parts?.port);
  if (host === undefined || port > 65_535) {
    throw new Error(
      `Can't listen on "${address}": it should look like 0.0.0.0:50051, [::]:50051 or unix:/run/server.sock`,
    );
  }
  return { host, port };
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else is listening there. Stop it, or choose another port",
  EACCES: "this user may not. Choose a port above 1023",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "the host name can't be resolved",
};

function listenError(address: string, cause: NodeJS.ErrnoException): Error {
  return new Error(`Can't listen on ${address}: ${REASONS[cause.code ?? ""] ?? cause.message}`, { cause });
}

function ignored(): void {}
