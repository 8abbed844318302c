import { connect, createServer, type Socket } from "node:net";

/** A way to a server that is slower than it should be: it holds back what the server answers. */
export interface SlowLink {
  readonly address: string;
  /** How long each answer is held back, in milliseconds. */
  delayMs: number;
  close(): void;
}

/** Opens a slow link to `port` of this machine. */
export async function openSlowLink(port: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((caller) => {
    const target = connect(port, "127.0.0.1");
    keep(caller, target);
    keep(target, caller);
    caller.pipe(target);
    target.on("data", (chunk) => {
      setTimeout(() => caller.writable && caller.write(chunk), link.delayMs);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  const link: SlowLink = {
    address: `127.0.0.1:${bound !== null && typeof bound === "object" ? bound.port : 0}`,
    delayMs: 0,
    close: () => {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
  return link;
}
