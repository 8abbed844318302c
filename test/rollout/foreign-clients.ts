import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { need } from "../proof/command.js";
import { CACHE } from "../proof/folders.js";
import { grpcJavaJars } from "../proof/interop/grpc-java.js";
import { grpcioPackages } from "../proof/interop/grpc-python.js";

const PEERS = fileURLToPath(new URL("../peers", import.meta.url));
const POM = fileURLToPath(new URL("../../proof/interop/grpc-java.pom.xml", import.meta.url));

/** How a client is started that plays a plan. */
export interface ForeignCommand {
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Clients that aren't ours, by the names that `--clients` takes. */
export const FOREIGN_CLIENTS: Readonly<Record<string, ForeignClient>> = {
  "grpc-js": {
    title: "grpc-js",
    prepare: async () => ({
      command: [process.execPath, fileURLToPath(new URL("./grpc-js-client.js", import.meta.url))],
    }),
  },
  go: { title: "grpc-go", prepare: () => goClient("1.85") },
  "go-1.60": { title: "grpc-go", prepare: () => goClient("1.60", "go-1.60.mod") },
  // Of 2020: older than what is promised, and here to be looked at.
  "go-1.34": { title: "grpc-go", isOld: true, prepare: () => goClient("1.34", "go-1.34.mod") },
  // C-core counts a config's timeouts by the processor's cycles, whose speed it measures when it starts: on a busy machine wrongly, and calls
  // of 1 s end at once.
  python: { title: "grpcio", deadlines: "of each call", prepare: () => pythonClient() },
  "python-1.60": { title: "grpcio", deadlines: "of each call", prepare: () => pythonClient("1.60.1") },
  java: { title: "grpc-java", prepare: () => javaClient() },
  "java-1.60": { title: "grpc-java", prepare: () => javaClient("1.60.0") },
};

/** A client that isn't ours. */
export interface ForeignClient {
  /** Its version is what it says when it starts. */
  readonly title: string;
  /** It is played, and what it loses is told; nothing is asked of it. */
  readonly isOld?: boolean;
  /** Default: the service config's. */
  readonly deadlines?: "of each call";
  /**
   * Builds it, or downloads what it needs, unless it is in the cache.
   *
   * @throws {NotRun} if something is missing that it is built with
   */
  prepare(): Promise<ForeignCommand>;
}

async function goClient(version: string, modfile = "go.mod"): Promise<ForeignCommand> {
  const folder = join(CACHE, `rollout-go-${version}`);
  const binary = join(folder, "client");
  mkdirSync(folder, { recursive: true });
  // Go's own cache knows whether there is anything to do.
  const args = ["-n", "5", "go", "build", `-modfile=${modfile}`, "-o", binary, "."];
  await need(`Building a client of grpc-go ${version}`, "nice", args, { cwd: join(PEERS, "go") });
  // Before 1.40, retries were to be asked for.
  return { command: [binary], env: { GRPC_GO_RETRY: "on" } };
}

async function pythonClient(version?: string): Promise<ForeignCommand> {
  const env = { PYTHONPATH: await grpcioPackages(version), PYTHONDONTWRITEBYTECODE: "1", GRPC_VERBOSITY: "NONE" };
  return { command: ["python3", join(PEERS, "python/client.py")], env };
}

async function javaClient(version?: string): Promise<ForeignCommand> {
  const classes = join(await grpcJavaJars(POM, version), "*");
  // Java compiles a single file by itself.
  return {
    command: ["java", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", classes, join(PEERS, "java/Client.java")],
  };
}
