import { existsSync } from "node:fs";
import { join } from "node:path";
import { bundle, generate } from "../programs.js";
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
  await generate("interop", {
    folders: [GRPC_PROTO],
    only: ["grpc/testing/test.proto", "grpc/testing/messages.proto", "grpc/testing/empty.proto"],
  });
  return { server: await bundle("interop/server.ts"), client: await bundle("interop/client.ts") };
}
