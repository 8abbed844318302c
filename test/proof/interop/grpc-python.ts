import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { need, run } from "../command.js";
import { BUILD, PROOF } from "../folders.js";
import { pythonPackages } from "../python.js";
import { type Peer, SERVER_NAME } from "./peer.js";
import { GRPC_PROTO } from "./prepare.js";
import { SOAK_OF_LEAVING } from "./soak.js";

const VERSION = "1.85.1";

/** grpcio: the C core. Its own interoperability programs aren't published, so these follow the descriptions. */
export const grpcPython: Peer = {
  name: "grpcio",
  title: "Python's grpcio (C core)",
  source: "https://pypi.org/project/grpcio/",
  quick: true,
  async prepare() {
    const env = { PYTHONPATH: await grpcioPackages(), PROTOS: await generated(), PYTHONDONTWRITEBYTECODE: "1" };
    const program = (name: string) => join(PROOF, "interop/grpcio", name);
    return {
      version: `grpcio ${VERSION}`,
      clientCases: [
        "empty_unary",
        "large_unary",
        "very_large_request",
        "concurrent_large_unary",
        "client_compressed_unary",
        "client_compressed_unary_noprobe",
        "client_compressed_unary_deflate",
        "client_compressed_streaming_noprobe",
        "server_compressed_unary",
        "client_streaming",
        "server_streaming",
        "ping_pong",
        "empty_stream",
        "half_duplex",
        "custom_metadata",
        "status_code_and_message",
        "special_status_message",
        "unimplemented_method",
        "unimplemented_service",
        "cancel_after_begin",
        "cancel_after_first_response",
        "timeout_on_sleeping_server",
        "rpc_soak",
        "channel_soak",
        SOAK_OF_LEAVING,
      ],
      serverLacks: {
        orca_per_rpc: "grpcio has no ORCA",
        orca_oob: "grpcio has no ORCA",
      },
      runClient: (testCase, port, tls) =>
        run(
          "python3",
          [program("client.py"), testCase, String(port), ...(tls === undefined ? [] : [tls.ca, SERVER_NAME])],
          { timeoutMs: 150_000, env },
        ),
      serverCommand: (port, tls) => ({
        file: "python3",
        args: [program("server.py"), String(port), ...(tls === undefined ? [] : [tls.certificate, tls.key])],
        env,
      }),
    };
  },
};

/** The folder of grpcio, for PYTHONPATH; see {@link pythonPackages}. */
export function grpcioPackages(version: string = VERSION): Promise<string> {
  return pythonPackages(`grpcio-${version}`, [`grpcio==${version}`, `grpcio-tools==${version}`]);
}

/** The protos' Python code. */
async function generated(): Promise<string> {
  const folder = join(BUILD, "grpcio");
  mkdirSync(folder, { recursive: true });
  await need(
    "Generating Python code",
    "python3",
    [
      ...[
        "-m",
        "grpc_tools.protoc",
        `--proto_path=${GRPC_PROTO}`,
        `--python_out=${folder}`,
        `--grpc_python_out=${folder}`,
      ],
      ...["empty", "messages", "test"].map((name) => `grpc/testing/${name}.proto`),
    ],
    { env: { PYTHONPATH: await grpcioPackages() } },
  );
  return folder;
}
