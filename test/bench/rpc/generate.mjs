// Generates the code of all subjects from one proto, into gen/. It isn't committed: what is measured is today's generator.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const gen = "test/bench/rpc/gen";

export function generate() {
  const modules = { version: "v2", modules: [{ path: "proto" }, { path: "test/bench/rpc/proto" }] };
  const template = {
    version: "v2",
    clean: true,
    plugins: [
      {
        local: "test/bench/node_modules/.bin/protoc-gen-es",
        out: `${gen}/es`,
        opt: ["target=ts", "import_extension=js"],
      },
      {
        local: "protoc-gen-accord",
        out: `${gen}/es`,
        opt: ["target=ts", "import_extension=js"],
        strategy: "all",
      },
      {
        local: "test/bench/node_modules/.bin/protoc-gen-ts_proto",
        out: `${gen}/ts-proto`,
        opt: [
          "outputServices=nice-grpc",
          "outputServices=generic-definitions",
          "useExactTypes=false",
          "esModuleInterop=true",
          "importSuffix=.js",
        ],
        strategy: "all",
      },
    ],
  };
  execFileSync("buf", ["generate", "--config", JSON.stringify(modules), "--template", JSON.stringify(template)], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` },
  });
}
