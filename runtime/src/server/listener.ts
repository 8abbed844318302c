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
 * Accepts connections and hands them on. Unlike grpc-js's own listener it can stop accepting at once, and it can end
 * every connection that it ever accepted, whatever state that is in.
 */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param accept is given each connection */
  constructor(accept: (socket: Socket) => void) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      // Whoever takes the socket over has listeners of its own; until then, a reset mustn't end the process.
      socket.on("error", ignored);
      accept(socket);
    });
  }

  /**
   * Starts to accept.
   *
   * @param address `0.0.0.0:50051`, `[::]:50051`, `localhost:0`, `unix:/run/ledger.sock`
   * @throws {Error} if the address makes no sense, or can't be listened on; in one line, with the system's error as `cause`
   */
  listen(address: string): Promise<ListeningAddress> {
    const target = parseAddress(address);
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => reject(listenError(address, error));
      this.#server.once("error", failed);
      this.#server.listen(target, () => {
        this.#server.off("error", failed);
        this.#server.on("error", ignored);
        resolve(this.#bound(address));
      });
    });
  }

  /** Stops to accept. Connections that were accepted go on. */
  close(): void {
    this.#server.close();
  }

  /** Ends all connections, without a word. */
  destroyConnections(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  #bound(asked: string): ListeningAddress {
    const bound = this.#server.address();
    if (bound === null || typeof bound === "string") {
      return { port: 0, address: asked };
    }
    const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
    return { port: bound.port, address: `${host}:${bound.port}` };
  }
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
