import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { program } from "../../scripts/programs.mjs";

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

it("stops where a package lies in several directories, and says what to write into buf.gen.yaml", () => {
  const scattered = "test/corpus/hostile/scattered";
  const packageWide = [...generated(scattered, "all").keys()].filter(
    (path) => !/_(servicer|client|codec)\.ts$/.test(path),
  );
  expect(packageWide.filter((path) => path.includes("."))).toEqual(
    ["channel.ts", "errors.ts", "server.ts", "service_config.json"].map((name) => `scattered/v1/${name}`),
  );
  expect(() => generated(scattered, "directory")).toThrow(/PACKAGE_PARTIAL: .*`strategy: all`.*buf\.gen\.yaml/);
});

it("stops also where the files of such a package don't import one another", () => {
  const apart = "test/targets/apart";
  expect(generated(apart, "all").get("apart/v1/server.ts")).toMatch(/OneService[\s\S]*ThreeService[\s\S]*TwoService/);
  expect(() => generated(apart, "directory")).toThrow(/PACKAGE_PARTIAL: .*`strategy: all`.*buf\.gen\.yaml/);
});

it.each(["test/golden/shared-directory/proto/shared/a.proto", "test/golden/shared-directory/proto/shared/b.proto"])(
  "generates the same for one file of a directory, if it is all of its package: %s",
  (path) => {
    const all = generated("test/golden/shared-directory/proto", "all");
    const alone = generated("test/golden/shared-directory/proto", "directory", path);
    expect(alone.size).toBeGreaterThan(0);
    expect(all).toEqual(new Map([...all, ...alone]));
  },
);

/** What buf generates: path → content. */
function generated(input: string, strategy: string, path = input): Map<string, string> {
  const out = join(folder, strategy, path);
  const module = input.replace(/(?<=hostile)\/.*/, "");
  const config = { version: "v2", modules: [{ path: "proto" }, { path: module }] };
  const selection = path === module ? [] : ["--path", path];
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
    ...program("buf", [
      ...["generate", module, ...selection, "--config", JSON.stringify(config)],
      ...["--template", JSON.stringify(template)],
    ]),
    { cwd: root, stdio: ["ignore", "ignore", "pipe"] },
  );
  const paths = readdirSync(out, { recursive: true }).map(String).sort();
  return new Map(
    paths
      .filter((path) => statSync(join(out, path)).isFile())
      .map((path) => [path, readFileSync(join(out, path), "utf8")]),
  );
}
