import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A port that nobody listened on a moment ago: for programs that can't choose one themselves and say which. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Waits until somebody listens on a port of this machine.
 *
 * @throws {Error} if nobody does within so many milliseconds
 */
export async function listening(port: number, withinMs = 30_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await accepts(port))) {
    if (Date.now() > end) {
      throw new Error(`Nobody listens on port ${port}`);
    }
    await sleep(50);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
