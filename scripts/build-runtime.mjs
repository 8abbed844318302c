// Builds @accord-grpc/runtime: ES modules in dist/esm, CommonJS in dist/cjs, each with types and source maps.
import { spawnSync } from "node:child_process";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "./programs.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const runtime = join(root, "runtime");

rmSync(join(runtime, "dist"), { recursive: true, force: true });
compile("dist/esm");
// The sources are written for NodeNext, which makes ES modules of them; the CommonJS copy needs the looser resolution.
compile("dist/cjs", ["--module", "commonjs", "--moduleResolution", "bundler", "--verbatimModuleSyntax", "false"]);
// Without it, Node would take the copy for ES modules, as the package says.
writeFileSync(join(runtime, "dist/cjs/package.json"), '{ "type": "commonjs" }\n');
copyFileSync(join(root, "LICENSE"), join(runtime, "LICENSE"));

function compile(outDir, options = []) {
  const args = ["-p", "tsconfig.build.json", "--outDir", outDir, ...options];
  const { status, error, stdout, stderr } = spawnSync(...program("tsc", args), {
    cwd: runtime,
    encoding: "utf8",
  });
  if (status !== 0) {
    process.stderr.write(`Compiling ${outDir} failed${error ? `: ${error.message}` : ""}.\n${stdout}${stderr}`);
    process.exit(1);
  }
}
