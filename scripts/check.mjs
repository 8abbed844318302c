// What CI runs besides the README's two commands: generated files are fresh, the code is formatted, linted and
// typed, the packages export what they are known to export, and are published as others can load them.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "./programs.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

run("Setting up", process.execPath, ["scripts/set-up.mjs"]);
const before = workTree();
run("Generating everything anew", process.execPath, ["scripts/generate.mjs"]);
const stale = workTree().filter((line) => !before.includes(line));
if (stale.length > 0) {
  fail(
    `Generated files are stale:\n${stale.map((line) => `  ${line.split("\t")[0]}`).join("\n")}\n` +
      "Run `npm run generate` and commit what it changes.",
  );
}
run("Checking format and lint", ...program("biome", ["check", "--error-on-warnings", "."]));
run("Checking types", ...program("tsc", ["-p", "tsconfig.json"]));
run("Checking the types of the example's page", ...program("tsc", ["-p", "example/web/tsconfig.json"]));
run("Comparing what the packages export", process.execPath, ["scripts/api-report.mjs", "--check"]);
run("Checking the packages as they are published", process.execPath, ["scripts/check-packages.mjs"]);
run("Checking the protos", ...program("buf", ["lint"]));
process.stderr.write("All checks passed.\n");

/** Each changed or new file with a digest of what is in it, so that a dirty tree can be compared with itself. */
function workTree() {
  const names = output("git", [
    "ls-files",
    "--modified",
    "--deleted",
    "--others",
    "--exclude-standard",
    "--deduplicate",
  ]);
  return names.map((name) => {
    const digest = spawnSync("git", ["hash-object", "--", name], { cwd: root, encoding: "utf8" });
    return `${name}\t${digest.status === 0 ? digest.stdout.trim() : "deleted"}`;
  });
}

function output(command, args) {
  return spawnSync(command, args, { cwd: root, encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line !== "");
}

function run(what, command, args) {
  process.stderr.write(`${what} …\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) {
    fail(`${what} failed${error ? `: ${error.message}` : ""}.`);
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
