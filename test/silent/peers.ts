import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChildProcess } from "../e2e/child-process.js";
import { startProgram } from "../e2e/node-program.js";
import { goPackage } from "../proof/go.js";
import { grpcJavaJars } from "../proof/interop/grpc-java.js";
import { grpcioPackages } from "../proof/interop/grpc-python.js";
import { NotRun } from "../proof/suite.js";

/** Calls that a peer is to make, on a connection of their own. */
export interface CallsToMake {
  readonly target: string;
  /** Whether they are of the method that streams its responses, of which there is one. */
  readonly stream: boolean;
  readonly count: number;
  /** How long after one call the next is begun. */
  readonly everyMs: number;
  /** How long the server says nothing. */
  readonly waitMs: number;
  /** Besides what the request says to the server. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Default: the client's own. Accord's has none with 0. */
  readonly keepaliveMs?: number;
}

/**
 * A gRPC implementation, whose servers and clients have default options, in a process of its own. It serves `probe.v1.ProbeService` on ports
 * that it chooses, and makes calls of it. A request says what its answer is: `60000 0` in its first field is so many milliseconds of
 * silence, and so many bytes.
 */
export interface Peer {
  /** Starts a server. Returns its port. */
  serve(): Promise<number>;
  /** Makes calls. Returns how each ended: `OK`, or a status. */
  call(calls: CallsToMake): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const HERE = fileURLToPath(new URL("peers", import.meta.url));
const POM = fileURLToPath(new URL("../proof/interop/grpc-java.pom.xml", import.meta.url));
const COMMANDS = fileURLToPath(new URL("../interop", import.meta.url));

/** All but Node's. */
const FOREIGN: Readonly<Record<string, () => Promise<ChildProcess>>> = {
  "grpc-go": async () => new ChildProcess(await goPackage(join(HERE, "go"), "silent-go"), []),
  "grpc-java": async () => {
    const classes = join(await grpcJavaJars(POM), "*");
    // Java compiles a single file by itself.
    return new ChildProcess("java", ["-XX:TieredStopAtLevel=1", "-cp", classes, join(HERE, "java/Peer.java")]);
  },
  grpcio: async () =>
    new ChildProcess("python3", [join(HERE, "python/peer.py")], {
      PYTHONPATH: [await grpcioPackages(), COMMANDS].join(delimiter),
      PYTHONDONTWRITEBYTECODE: "1",
      GRPC_VERBOSITY: "NONE",
    }),
};

/** A peer for each implementation that can be had; Node's can. */
export interface Peers {
  readonly accord: Peer;
  readonly "grpc-js": Peer;
  readonly [name: string]: Peer;
}

/** Starts them. A line tells of those that can't be had. */
export async function startPeers(): Promise<Peers> {
  const foreign = Object.entries(FOREIGN).map(async ([name, start]): Promise<[string, Peer][]> => {
    try {
      return [[name, await peerOf(await (await start()).spawned())]];
    } catch (error) {
      if (!(error instanceof NotRun)) {
        throw error;
      }
      console.log(`${name} isn't tried: ${error.message}`);
      return [];
    }
  });
  const [accord, grpcJs, ...found] = await Promise.all([startNode("accord"), startNode("grpc-js"), ...foreign]);
  return { accord, "grpc-js": grpcJs, ...Object.fromEntries(found.flat()) };
}

/** Starts a peer of Node's. */
export async function startNode(kind: "accord" | "grpc-js"): Promise<Peer> {
  return peerOf(await startProgram("silent/peers/node/peer.ts", [kind], { env: { GRPC_VERBOSITY: "NONE" } }));
}

async function peerOf(process: ChildProcess): Promise<Peer> {
  await process.event("ready");
  return {
    serve: () => process.ask<number>("serve"),
    call: (calls) => process.ask<readonly string[]>("call", calls),
    stop: () => process.kill(),
  };
}
