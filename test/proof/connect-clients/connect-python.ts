import { join } from "node:path";
import { run } from "../command.js";
import { BUILD, PROOF } from "../folders.js";
import { buf } from "../programs.js";
import { pythonPackages } from "../python.js";
import { type ForeignClient, PROTOS } from "./client-suite.js";

const VERSION = "0.13.0";
const PACKAGES = [`connectrpc==${VERSION}`, "protobuf==6.33.2", "googleapis-common-protos==1.72.0"];

/** PyPI's connectrpc, with the messages of protobuf's own package. */
export const connectPython: ForeignClient = {
  name: "connect-python",
  source: "https://pypi.org/project/connectrpc/",
  version: `connectrpc ${VERSION}`,
  async prepare() {
    const env = { PYTHONPATH: await pythonPackages(`connectrpc-${VERSION}`, PACKAGES), PYTHONDONTWRITEBYTECODE: "1" };
    const program = join(PROOF, "connect-clients/python/client.py");
    const protos = join(BUILD, "connect-clients/protos.binpb");
    await buf(PROTOS, ["build", "--output", protos]);
    return (baseUrl, { protocol, http }) => run("python3", [program, protos, baseUrl, protocol, http], { env });
  },
};
