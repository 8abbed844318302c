// Generates all committed output anew: Accord's own code from protos, the example's, and the golden cases.
import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "./programs.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// buf looks for plugins there.
const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`;

run("the contract language and the standard protos", ".", program("buf", ["generate"]));
run("the interface of buf's plugins", "plugin/buf-protos", program("buf", ["generate"]));
run("the options of protovalidate", "plugin/validate-protos", program("buf", ["generate"]));
// What was just generated is part of the plugin, and the plugin makes the rest.
run("the packages", ".", [process.execPath, ["scripts/set-up.mjs"]]);
run("the protos of the runtime's tests", "runtime", program("buf", ["generate", "--template", "buf.gen.test.yaml"]));
run("the example", "example", program("npm", ["run", "generate"]));
run(
  "the golden cases, the page of rules and the codecs of the well-known types",
  ".",
  program("vitest", ["run", "test/golden", "test/docs", "test/codec/well-known-types"]),
  {
    UPDATE: "1",
  },
);

function run(what, directory, [command, args], environment = {}) {
  process.stderr.write(`Generating ${what} …\n`);
  const { status, error } = spawnSync(command, args, {
    cwd: join(root, directory),
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PATH: path, ...environment },
  });
  if (status !== 0) {
    process.stderr.write(`Generating ${what} failed${error ? `: ${error.message}` : ""}.\n`);
    process.exit(1);
  }
}
