import { join } from "node:path";
import { BUILD, ROOT } from "../folders.js";
import { goInstall, goModule } from "../go.js";
import { generate } from "../programs.js";
import { writeStatusCatalog } from "../status-catalog.js";

export const CONFORMANCE_VERSION = "v1.0.7";
const MODULE = "connectrpc.com/conformance";

/** The suite's runner, and the code of its protos, which come from its own module. */
export async function prepareConformance(): Promise<string> {
  const runner = await goInstall(`${MODULE}/cmd/connectconformance`, CONFORMANCE_VERSION);
  const module = await goModule(MODULE, CONFORMANCE_VERSION);
  const errors = writeStatusCatalog(join(BUILD, "catalogs/connect"), "connectrpc.conformance.v1");
  await generate("connect", {
    folders: [join(module, "proto"), errors, join(ROOT, "runtime/proto")],
    only: ["connectrpc", "google/rpc"],
  });
  return runner;
}
