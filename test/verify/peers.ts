import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BackgroundProcess, start } from "../proof/command.js";
import { goPackage } from "../proof/go.js";
import { grpcJavaJars } from "../proof/interop/grpc-java.js";
import { grpcioPackages } from "../proof/interop/grpc-python.js";

const HERE = fileURLToPath(new URL("peers", import.meta.url));
const POM = fileURLToPath(new URL("../proof/interop/grpc-java.pom.xml", import.meta.url));

/** A gRPC implementation that isn't ours. */
export interface Peer {
  readonly name: string;
  /**
   * Starts a server for each violation, in one process.
   *
   * @throws {NotRun} if something is missing that it is built with
   */
  start(violations: readonly string[]): Promise<BackgroundProcess>;
}

/** The servers of `peers/`. */
export const PEERS: readonly Peer[] = [
  {
    name: "grpc-go",
    start: async (violations) => running(await goPackage(join(HERE, "go"), "verify-go"), violations),
  },
  {
    name: "grpcio",
    start: async (violations) => {
      const env = { PYTHONPATH: await grpcioPackages(), PYTHONDONTWRITEBYTECODE: "1" };
      return running("python3", [join(HERE, "python/server.py"), ...violations], env);
    },
  },
  {
    name: "grpc-java",
    start: async (violations) => {
      const classes = join(await grpcJavaJars(POM), "*");
      // Java compiles a single file by itself.
      const file = join(HERE, "java/Peer.java");
      return running("java", ["-XX:TieredStopAtLevel=1", "-cp", classes, file, ...violations]);
    },
  },
];

function running(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): BackgroundProcess {
  return start(file, args, { env, piped: true });
}
