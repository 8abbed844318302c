// Packs both packages as npm would publish them, and has publint and @arethetypeswrong look at what came out: entry points that
// aren't there, types that say ESM where the code is CommonJS, and their like.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "./programs.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "accord-packages-"));

try {
  for (const name of ["runtime", "plugin"]) {
    const [packed] = JSON.parse(output("npm", ["pack", "--json", "--pack-destination", folder], join(root, name)));
    const tarball = join(folder, packed.filename);
    output("publint", ["--strict", tarball]);
    output("attw", [tarball, "--no-emoji", "--format", "ascii"]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function output(command, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(...program(command, args), { cwd, encoding: "utf8" });
  if (status !== 0) {
    process.stderr.write(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}\n${stdout}${stderr}`);
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  }
  return stdout;
}
