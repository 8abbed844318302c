import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runtimeSources } from "../../scripts/runtime-sources.mjs";
import { type GuideProject, guideProject } from "./guide-project.js";

// docs/testing.md, with each runner that it names, and what docs/mock.md has for those beside vitest.

const ROOT = join(import.meta.dirname, "../..");

let project: GuideProject;

beforeAll(async () => {
  project = await guideProject(["testing.md"], ["vitest@4", "jest@30", "@jest/globals@30"]);
});
afterAll(() => project?.remove());

test("vitest runs its tests", async () => {
  expect(await project.run("vitest", ["run", "--dir", "src"])).toMatch(/Tests\s+6 passed/);
});

test("node:test does", async () => {
  expect(await project.run("node", ["--test", "dist/welcome.node-test.js"])).toMatch(/pass 1\b/);
});

test("jest does, with ES modules", async () => {
  const jest = ["--experimental-vm-modules", "node_modules/jest/bin/jest.js"];
  expect(await project.run("node", [...jest, "--testMatch", "**/dist/*.jest-test.js"])).toMatch(/1 passed, 1 total/);
});

test("jest does, with CommonJS", async () => {
  const commonJs = join(project.path, "commonjs");
  await mkdir(commonJs);
  await writeFile(join(commonJs, "package.json"), JSON.stringify({ type: "commonjs" }));
  const settings = JSON.parse(await readFile(join(project.path, "tsconfig.json"), "utf8"));
  const options = {
    ...settings.compilerOptions,
    module: "CommonJS",
    moduleResolution: "bundler",
    verbatimModuleSyntax: false,
  };
  const config = { compilerOptions: { ...options, outDir: "commonjs" }, include: ["src/welcome.jest-test.ts"] };
  await writeFile(join(project.path, "tsconfig.commonjs.json"), JSON.stringify(config));
  await project.run("tsc", ["-p", "tsconfig.commonjs.json"]);
  await copyFile(join(commonJs, "welcome.jest-test.js"), join(commonJs, "welcome.cjs-test.js"));
  const jest = ["--testMatch", "**/commonjs/*.cjs-test.js"];
  expect(await project.run("jest", jest)).toMatch(/1 passed, 1 total/);
});

test.each([
  ["node:test", "node-test", ["--test"], /pass 1\b/],
  ["@jest/globals", "jest-test", ["--experimental-vm-modules", "node_modules/jest/bin/jest.js"], /1 passed, 1 total/],
] as const)("a mock's test is run by %s", async (runner, ending, args, passed) => {
  const page = await readFile(join(ROOT, "docs/mock.md"), "utf8");
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  const [contents = "", ...more] = blocks.filter((code) => code.includes(`from "${runner}"`));
  expect(more).toEqual([]);
  // The page's `./gen/…` is the example's.
  await build({
    stdin: { contents, loader: "ts", resolveDir: join(ROOT, "example/src") },
    outfile: join(project.path, `dist/mocked.${ending}.js`),
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    alias: runtimeSources(join(ROOT, "runtime")),
  });
  const file = `dist/mocked.${ending}.js`;
  const files = runner === "node:test" ? [file] : ["--testMatch", `**/${file}`];
  expect(await project.run("node", [...args, ...files])).toMatch(passed);
});
