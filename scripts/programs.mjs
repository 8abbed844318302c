import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Programs that npm installs, and the packages that they belong to. */
const PACKAGES = {
  accord: "@accord-grpc/protoc-gen-accord",
  attw: "@arethetypeswrong/cli",
  biome: "@biomejs/biome",
  buf: "@bufbuild/buf",
  jest: "jest",
  "protoc-gen-es": "@bufbuild/protoc-gen-es",
  publint: "publint",
  tsc: "typescript",
  vitest: "vitest",
};
const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * How a program of npm's is started on every system: by Node, from its JavaScript. What stands in `node_modules/.bin` is a shell's on
 * Windows (`tsc.cmd`), and so is `npm`, which Node doesn't start without a shell, nor a shell with arguments as they are.
 *
 * @param {string} name `npm`, or one of those that are listed here
 * @param {readonly string[]} args
 * @param {string} folder where it is installed, if it isn't here
 * @returns {[file: string, args: string[]]} for `spawn`, `execFile` and their like: `spawnSync(...program("tsc", ["-p", "."]))`
 */
export function program(name, args = [], folder = REPOSITORY) {
  if (name === "npm") {
    const cli = npmCli();
    return cli === undefined ? ["npm", [...args]] : [process.execPath, [cli, ...args]];
  }
  const owner = PACKAGES[name];
  if (owner === undefined) {
    throw new Error(`${name}: which package is it of? Say so in scripts/programs.mjs.`);
  }
  const home = join(folder, "node_modules", owner);
  const { bin } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  return [process.execPath, [join(home, typeof bin === "string" ? bin : bin[name]), ...args]];
}

/** npm's JavaScript: as npm says when it runs us, or beside Node, where its installers put it. */
function npmCli() {
  const node = dirname(process.execPath);
  const places = [
    process.env.npm_execpath,
    join(node, "node_modules/npm/bin/npm-cli.js"),
    join(node, "../lib/node_modules/npm/bin/npm-cli.js"),
  ];
  return places.find((path) => path?.endsWith("npm-cli.js") && existsSync(path));
}
