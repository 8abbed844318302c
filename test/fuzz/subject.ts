import { connect, createServer, type Server, type Socket } from "node:net";
import { ChildProcess } from "../e2e/child-process.js";
import { bundleProgram } from "../e2e/node-program.js";

/** What is attacked: a server, or clients, in a process of their own. */
export interface Subject {
  readonly process: ChildProcess;
  /** Opens a connection, or waits until the clients open one. `undefined`: none came in time. */
  connection(): Promise<Socket | undefined>;
  close(): void;
}

/** How a subject is run. */
export interface SubjectOptions {
  readonly node: string;
  /** Source files that are to do nothing: see `bundleProgram`. */
  readonly without?: readonly string[];
}

async function start(
  program: string,
  args: readonly string[],
  { node, without }: SubjectOptions,
): Promise<ChildProcess> {
  const bundle = await bundleProgram(`fuzz/programs/${program}.ts`, without);
  return new ChildProcess(node, ["--expose-gc", bundle, ...args]);
}

/** Starts a generated server. @param speaksWeb whether it speaks HTTP/1.1, Connect and gRPC-Web, too */
export async function startServer(
  options: SubjectOptions,
  speaksWeb = false,
): Promise<Subject & { readonly address: string }> {
  const process = await start("fuzzed-server", speaksWeb ? ["web"] : [], options);
  const address = String((await process.event("ready")).address);
  const port = Number(address.split(":").at(-1));
  return {
    process,
    address,
    async connection() {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      await new Promise((resolve) => {
        socket.once("connect", resolve);
        socket.once("close", resolve);
      });
      return socket.destroyed ? undefined : socket;
    },
    close() {},
  };
}

// Calls with deadlines of 0.4 s take turns: in this time, somebody connects.
const CONNECTS_WITHIN_MS = 3000;

/** Starts generated clients. @param honest a server that answers as it should */
export async function startClients(options: SubjectOptions, honest: string, seed: number): Promise<Subject> {
  const waiting: ((socket: Socket) => void)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    const next = waiting.shift();
    if (next === undefined) {
      socket.destroy();
    } else {
      next(socket);
    }
  });
  const port = await listening(server);
  const process = await start("fuzzed-client", [`127.0.0.1:${port}`, honest, String(seed)], options);
  await process.event("ready");
  return {
    process,
    connection() {
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, CONNECTS_WITHIN_MS, undefined);
        waiting.push((socket) => {
          clearTimeout(timer);
          resolve(socket);
        });
      });
    },
    close() {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
