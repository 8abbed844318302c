import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { BoundService } from "../src/server/bind-service.js";
import { type AddToOptions, addTo } from "../src/server/grpc-js/add-to.js";

/** A server of grpc-js's own on a free port, with bound services on it. */
export interface GrpcJsServer {
  readonly address: string;
  close(): void;
}

/** Starts one, which listens to this machine alone. */
export async function startGrpcJsServer(
  services: readonly BoundService[],
  options: AddToOptions = {},
): Promise<GrpcJsServer> {
  const server = new Server();
  addTo(server, services, options);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
