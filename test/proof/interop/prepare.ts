import { existsSync } from "node:fs";
import { join } from "node:path";
import { BUILD } from "../folders.js";
import { bundle, generate } from "../programs.js";
import { writeStatusCatalog } from "../status-catalog.js";
import { NotRun } from "../suite.js";

/** Debian's package of gRPC's own protos. */
export const GRPC_PROTO = "/usr/share/grpc-proto";

let programs: Promise<InteropPrograms> | undefined;

/** Accord's two sides of gRPC's interoperability tests. */
export interface InteropPrograms {
  readonly server: string;
  readonly client: string;
}

/** Generates and bundles both, once for all peers. */
export function prepareInterop(): Promise<InteropPrograms> {
  programs ??= prepare();
  return programs;
}

async function prepare(): Promise<InteropPrograms> {
  if (!existsSync(join(GRPC_PROTO, "grpc/testing/test.proto"))) {
    throw new NotRun(`${GRPC_PROTO} isn't there; it is Debian's package grpc-proto`);
  }
  const errors = writeStatusCatalog(join(BUILD, "catalogs/interop"), "grpc.testing");
  await generate("interop", {
    folders: [GRPC_PROTO, errors],
    only: [
      "grpc/testing/test.proto",
      "grpc/testing/messages.proto",
      "grpc/testing/empty.proto",
      "grpc/testing/proof_errors.proto",
    ],
  });
  return { server: await bundle("interop/server.ts"), client: await bundle("interop/client.ts") };
}
