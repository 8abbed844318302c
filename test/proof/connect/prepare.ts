import { join } from "node:path";
import { ROOT } from "../folders.js";
import { goInstall, goModule } from "../go.js";
import { generate } from "../programs.js";

export const CONFORMANCE_VERSION = "v1.0.7";
const MODULE = "connectrpc.com/conformance";

/** The suite's runner, and the code of its protos, which come from its own module. */
export async function prepareConformance(): Promise<string> {
  const runner = await goInstall(`${MODULE}/cmd/connectconformance`, CONFORMANCE_VERSION);
  const module = await goModule(MODULE, CONFORMANCE_VERSION);
  await generate("connect", {
    folders: [join(module, "proto"), join(ROOT, "runtime/proto")],
    only: ["connectrpc", "google/rpc"],
  });
  return runner;
}
