import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { need, run } from "../command.js";
import { BUILD, PROOF } from "../folders.js";
import { goInstall } from "../go.js";
import { buf } from "../programs.js";
import { type ForeignClient, PROTOS } from "./client-suite.js";

// As go.mod has them.
const VERSION = "v1.21.1";
const PROTOBUF_VERSION = "v1.36.12";
const MODULE = "accord-proof/connect-clients";

/** connect-go, with the code of its own generator. */
export const connectGo: ForeignClient = {
  name: "connect-go",
  source: "https://github.com/connectrpc/connect-go",
  version: `connect-go ${VERSION}`,
  async prepare() {
    const binary = await built();
    return (baseUrl, { protocol, http }) => run(binary, [baseUrl, protocol, http]);
  },
};

// The module is copied, since generated code has to be inside it, and isn't committed.
async function built(): Promise<string> {
  const folder = join(BUILD, "connect-clients/go");
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(PROOF, "connect-clients/go"), folder, { recursive: true });
  const gen = join(folder, "gen");
  const plugins = [
    await goInstall("google.golang.org/protobuf/cmd/protoc-gen-go", PROTOBUF_VERSION),
    await goInstall("connectrpc.com/connect/cmd/protoc-gen-connect-go", VERSION),
  ];
  const opt = [
    `module=${MODULE}/gen`,
    `Maccord/v1/options.proto=${MODULE}/gen/accord/v1`,
    `Mproof/desk/v1/desk.proto=${MODULE}/gen/proof/desk/v1;deskv1`,
  ];
  const template = {
    version: "v2",
    plugins: plugins.map((local) => ({ local, out: gen, opt, include_imports: true })),
  };
  await buf(PROTOS, ["generate", "--template", JSON.stringify(template)]);
  const binary = join(folder, "client");
  await need("Building connect-go's client", "nice", ["-n", "5", "go", "build", "-o", binary, "."], {
    cwd: folder,
    timeoutMs: 30 * 60_000,
  });
  return binary;
}
