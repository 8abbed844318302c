import { join } from "node:path";
import { goModule } from "../go.js";
import type { TestCertificates } from "./peer.js";

export const GRPC_GO_VERSION = "v1.85.0";

/** gRPC's test certificates, from grpc-go's module. grpc-java has the same in its jar. */
export async function testCertificates(): Promise<TestCertificates> {
  const folder = join(await goModule("google.golang.org/grpc", GRPC_GO_VERSION), "testdata");
  return {
    ca: join(folder, "ca.pem"),
    certificate: join(folder, "server1.pem"),
    key: join(folder, "server1.key"),
  };
}
