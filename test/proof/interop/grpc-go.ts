import { run } from "../command.js";
import { goInstall } from "../go.js";
import { GRPC_GO_VERSION } from "./certificates.js";
import { orcaFlags } from "./orca.js";
import { type Peer, SERVER_NAME } from "./peer.js";
import { caseFlags, SOAK_OF_LEAVING } from "./soak.js";

const MODULE = "google.golang.org/grpc/interop";

/** grpc-go's own interoperability programs. */
export const grpcGo: Peer = {
  name: "grpc-go",
  title: "grpc-go",
  source: "https://pkg.go.dev/google.golang.org/grpc/interop",
  quick: true,
  async prepare() {
    const client = await goInstall(`${MODULE}/client`, GRPC_GO_VERSION, "grpc-go-interop-client");
    const server = await goInstall(`${MODULE}/server`, GRPC_GO_VERSION, "grpc-go-interop-server");
    return {
      version: `grpc-go ${GRPC_GO_VERSION}`,
      clientCases: [
        "empty_unary",
        "large_unary",
        "client_streaming",
        "server_streaming",
        "ping_pong",
        "empty_stream",
        "timeout_on_sleeping_server",
        "cancel_after_begin",
        "cancel_after_first_response",
        "status_code_and_message",
        "special_status_message",
        "custom_metadata",
        "unimplemented_method",
        "unimplemented_service",
        "pick_first_unary",
        "rpc_soak",
        "channel_soak",
        SOAK_OF_LEAVING,
        "orca_per_rpc",
        "orca_oob",
      ],
      serverLacks: {
        cacheable_unary: "grpc-go's server doesn't implement CacheableUnaryCall",
        client_compressed_unary_noprobe: "grpc-go's server has no compressor installed",
        client_compressed_streaming_noprobe: "grpc-go's server has no compressor installed",
        server_compressed_unary: "grpc-go's server doesn't compress",
        server_compressed_streaming: "grpc-go's server doesn't compress",
      },
      runClient: (testCase, port, tls) =>
        run(
          client,
          [
            `--server_host=127.0.0.1`,
            `--server_port=${port}`,
            ...caseFlags(testCase),
            ...orcaFlags(testCase),
            ...(tls === undefined
              ? []
              : ["--use_tls", "--use_test_ca", `--ca_file=${tls.ca}`, `--server_host_override=${SERVER_NAME}`]),
          ],
          { timeoutMs: 150_000 },
        ),
      serverCommand: (port, tls) => ({
        file: server,
        args: [
          `--port=${port}`,
          ...(tls === undefined
            ? []
            : ["--use_tls", `--tls_cert_file=${tls.certificate}`, `--tls_key_file=${tls.key}`]),
        ],
      }),
    };
  },
};
