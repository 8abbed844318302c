import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

// buf calls a plugin once for each directory, several at a time (`strategy: directory`, the default), or once for all. Uses
// the command as it was built last.

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "accord-strategy-"));
afterAll(() => rmSync(folder, { recursive: true }));

// Packages that import one another, that share a directory, and that are inside one another.
const inputs = [
  "test/golden/ledger/proto",
  "test/golden/packages/proto",
  "test/golden/shared-directory/proto",
  "test/corpus/hostile/editions",
  "test/corpus/hostile/globals",
  "test/corpus/hostile/nest",
];

it.each(inputs)("generates the same for each directory and for all at once: %s", (input) => {
  const directory = generated(input, "directory");
  expect(directory.size).toBeGreaterThan(0);
  expect(directory).toEqual(generated(input, "all"));
});

it("has one hierarchy of errors for each directory of a package, if it is called for each", () => {
  const errors = (strategy: string) =>
    [...generated("test/corpus/hostile/scattered", strategy).keys()].filter((path) => path.endsWith("errors.ts"));
  expect(errors("all")).toEqual(["scattered/v1/errors.ts"]);
  expect(errors("directory")).toEqual([
    "scattered/v1/a/errors.ts",
    "scattered/v1/b/errors.ts",
    "scattered/v1/errors.ts",
  ]);
});

/** What buf generates: path → content. */
function generated(input: string, strategy: string): Map<string, string> {
  const out = join(folder, strategy, input);
  const module = input.replace(/(?<=hostile)\/.*/, "");
  const config = { version: "v2", modules: [{ path: "proto" }, { path: module }] };
  const selection = input === module ? [] : ["--path", input];
  const template = {
    version: "v2",
    plugins: [
      {
        local: [process.execPath, join(root, "plugin/bin/protoc-gen-accord.cjs")],
        out,
        opt: "target=ts,import_extension=js",
        strategy,
      },
    ],
  };
  execFileSync(
    join(root, "node_modules/.bin/buf"),
    ["generate", module, ...selection, "--config", JSON.stringify(config), "--template", JSON.stringify(template)],
    { cwd: root, stdio: ["ignore", "ignore", "pipe"] },
  );
  const paths = readdirSync(out, { recursive: true }).map(String).sort();
  return new Map(
    paths
      .filter((path) => statSync(join(out, path)).isFile())
      .map((path) => [path, readFileSync(join(out, path), "utf8")]),
  );
}
