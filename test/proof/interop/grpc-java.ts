import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { need, run } from "../command.js";
import { CACHE, PROOF } from "../folders.js";
import { orcaFlags } from "./orca.js";
import { type Peer, SERVER_NAME } from "./peer.js";
import { caseFlags, SOAK_OF_LEAVING } from "./soak.js";

const VERSION = "1.79.0";
// A case is a second of a virtual machine's life: it isn't worth compiling for long.
const JVM: readonly string[] = ["-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp"];
const PACKAGE = "io.grpc.testing.integration";

/** grpc-java's own interoperability programs, over Netty. */
export const grpcJava: Peer = {
  name: "grpc-java",
  title: "grpc-java (Netty)",
  source: "https://central.sonatype.com/artifact/io.grpc/grpc-interop-testing",
  quick: false,
  async prepare() {
    const jars = join(await grpcJavaJars(), "*");
    return {
      version: `grpc-java ${VERSION}`,
      clientCases: [
        "empty_unary",
        "cacheable_unary",
        "large_unary",
        "client_compressed_unary",
        "client_compressed_unary_noprobe",
        "server_compressed_unary",
        "client_streaming",
        "client_compressed_streaming",
        "client_compressed_streaming_noprobe",
        "server_streaming",
        "server_compressed_streaming",
        "ping_pong",
        "empty_stream",
        "custom_metadata",
        "status_code_and_message",
        "special_status_message",
        "unimplemented_method",
        "unimplemented_service",
        "cancel_after_begin",
        "cancel_after_first_response",
        "timeout_on_sleeping_server",
        "very_large_request",
        "pick_first_unary",
        "rpc_soak",
        "channel_soak",
        SOAK_OF_LEAVING,
        "orca_per_rpc",
        "orca_oob",
      ],
      leftOut: { cacheable_unary: "it needs a caching proxy between client and server" },
      serverLacks: {
        cacheable_unary: "grpc-java's server doesn't implement CacheableUnaryCall",
      },
      runClient: (testCase, port, tls) =>
        run(
          "java",
          [
            ...JVM,
            jars,
            `${PACKAGE}.TestServiceClient`,
            "--server_host=127.0.0.1",
            `--server_port=${port}`,
            ...caseFlags(testCase),
            ...orcaFlags(testCase),
            ...(tls === undefined
              ? ["--use_tls=false"]
              : ["--use_tls=true", "--use_test_ca=true", `--server_host_override=${SERVER_NAME}`]),
          ],
          { timeoutMs: 150_000 },
        ),
      serverCommand: (port, tls) => ({
        file: "java",
        args: [...JVM, jars, `${PACKAGE}.TestServiceServer`, `--port=${port}`, `--use_tls=${tls !== undefined}`],
      }),
    };
  },
};

/**
 * The folder of grpc-java's jars, downloaded unless they are in the cache.
 *
 * @throws {NotRun} without Maven, or if they can't be downloaded
 */
export async function grpcJavaJars(
  pom: string = join(PROOF, "interop/grpc-java.pom.xml"),
  version: string = VERSION,
): Promise<string> {
  const folder = join(CACHE, `grpc-java-interop-${version}`);
  if (!existsSync(join(folder, "complete"))) {
    mkdirSync(folder, { recursive: true });
    process.stderr.write(`Downloading grpc-java ${version} …\n`);
    await need("Downloading grpc-java", "mvn", [
      ...["--quiet", "--batch-mode", "--file", pom],
      ...["dependency:copy-dependencies", `-DoutputDirectory=${folder}`, `-Dgrpc.version=${version}`],
    ]);
    mkdirSync(join(folder, "complete"));
  }
  return folder;
}
