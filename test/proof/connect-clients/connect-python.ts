import { existsSync } from "node:fs";
import { join } from "node:path";
import { need, run } from "../command.js";
import { BUILD, CACHE, PROOF } from "../folders.js";
import { buf } from "../programs.js";
import { type ForeignClient, PROTOS } from "./client-suite.js";

const VERSION = "0.13.0";
const PACKAGES = [`connectrpc==${VERSION}`, "protobuf==6.33.2", "googleapis-common-protos==1.72.0"];

/** PyPI's connectrpc, with the messages of protobuf's own package. */
export const connectPython: ForeignClient = {
  name: "connect-python",
  source: "https://pypi.org/project/connectrpc/",
  version: `connectrpc ${VERSION}`,
  async prepare() {
    const env = { PYTHONPATH: await packages(), PYTHONDONTWRITEBYTECODE: "1" };
    const program = join(PROOF, "connect-clients/python/client.py");
    const protos = join(BUILD, "connect-clients/protos.binpb");
    await buf(PROTOS, ["build", "--output", protos]);
    return (baseUrl, { protocol, http }) => run("python3", [program, protos, baseUrl, protocol, http], { env });
  },
};

async function packages(): Promise<string> {
  const folder = join(CACHE, `connectrpc-${VERSION}`);
  if (!existsSync(join(folder, "connectrpc"))) {
    process.stderr.write(`Installing connectrpc ${VERSION} …\n`);
    await need("Installing connectrpc", "python3", [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder],
      ...PACKAGES,
    ]);
  }
  return folder;
}
