import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { program } from "../../scripts/programs.mjs";
import { codeBlocks } from "../consumer/code-blocks.js";

// The code in the guides, compiled as if it stood in the example's `src`, beside its generated code.

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "accord-guides-"));
  await symlink(join(repository, "node_modules"), join(folder, "node_modules"), "junction");
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
});

afterAll(() => rm(folder, { recursive: true }));

test.each(["errors.md", "observability.md", "security.md"])("the code in docs/%s compiles", async (guide) => {
  const blocks = codeBlocks(await readFile(join(repository, "docs", guide), "utf8"));
  const root = join(folder, guide);
  for (const [path, text] of blocks) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await writeFile(
    join(root, "tsconfig.json"),
    JSON.stringify({
      extends: join(repository, "tsconfig.base.json"),
      compilerOptions: {
        noEmit: true,
        noUnusedLocals: true,
        noUnusedParameters: true,
        declaration: false,
        // `./gen/…` of the guide is the example's.
        rootDirs: [join(root, "src"), join(repository, "example/src")],
        typeRoots: [join(repository, "node_modules/@types")],
      },
      include: ["src"],
    }),
  );
  const problems = await run(...program("tsc", ["-p", join(root, "tsconfig.json")])).then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(problems).toBe("");
});
