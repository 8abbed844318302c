import { SERVER_NAME } from "../interop/peer.js";
import type { ToolCase, ToolTarget } from "./tool-case.js";

/** grpc-health-probe's exit code for a call that failed. */
const RPC_FAILED = 3;

/** What grpc-health-probe is tried with, as Kubernetes' probes were before they spoke gRPC. */
export function healthProbeCases({ port, ca }: ToolTarget): Readonly<Record<string, ToolCase>> {
  const flags = [
    `-addr=127.0.0.1:${port}`,
    "-connect-timeout=10s",
    "-rpc-timeout=10s",
    ...(ca === undefined ? [] : ["-tls", `-tls-ca-cert=${ca}`, `-tls-server-name=${SERVER_NAME}`]),
  ];
  return {
    server: { args: flags, prints: ["status: SERVING"] },
    service: { args: [...flags, "-service=proof.shelf.v1.ShelfService"], prints: ["status: SERVING"] },
    unknown_service: { args: [...flags, "-service=nobody"], code: RPC_FAILED, prints: ["health rpc failed"] },
  };
}
