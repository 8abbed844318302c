import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Metadata } from "@grpc/grpc-js";
import { trace } from "@opentelemetry/api";
import { afterAll, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { GRPC_JS_RANGE, inspectPackages } from "./check-packages.js";
import { loadedCopies, loadedModules } from "./loaded-copies.js";

const root = mkdtempSync(join(tmpdir(), "accord-packages-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A module of a package that is installed somewhere, as the cache of modules has it. */
function installed(where: string, name: string, version: string, exports: object): [string, { exports: object }] {
  const folder = join(root, where, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version }));
  return [join(folder, "build/src/index.js"), { exports }];
}

const grpcJs = (where: string, version: string, exports: object = { Metadata }) =>
  installed(where, "@grpc/grpc-js", version, exports);

const inspect = (...modules: (readonly [string, { exports: object }])[]) =>
  inspectPackages(Object.fromEntries(modules));

it("finds the copies that this process has, and nothing wrong with them", () => {
  const [copy, ...others] = loadedCopies({ name: "@grpc/grpc-js", main: "build/src/index.js" }, loadedModules());
  expect(others).toEqual([]);
  expect(copy).toMatchObject({ exports: { Metadata } });
  expect(copy?.version).toBe(createRequire(import.meta.url)("@grpc/grpc-js/package.json").version);
  expect(inspectPackages(loadedModules())).toEqual({ refusal: undefined, warnings: [] });
});

it.each(["1.13.9", "1.14.0", "1.14.3", "1.14.4", "0.9.9"])(
  "refuses grpc-js %s, and says what to install",
  (version) => {
    const { refusal } = inspect(grpcJs("old", version));
    expect(refusal).toContain(`@grpc/grpc-js ${version} in ${root}`);
    expect(refusal).toContain("npm install @grpc/grpc-js@~1.14.5");
    expect(refusal).not.toContain("\n");
  },
);

it.each(["1.14.5", "1.14.7", "1.14.99"])("takes grpc-js %s", (version) => {
  expect(inspect(grpcJs("good", version))).toEqual({ refusal: undefined, warnings: [] });
});

it.each(["1.15.0", "1.20.0-pre.1", "2.0.0"])("warns of grpc-js %s, with which it wasn't tested", (version) => {
  const { refusal, warnings } = inspect(grpcJs("new", version));
  expect(refusal).toBeUndefined();
  expect(warnings).toEqual([expect.stringContaining(`@grpc/grpc-js ${version} in `)]);
});

it("warns of a second grpc-js in a line, and lets another library have an old one", () => {
  const { refusal, warnings } = inspect(grpcJs("a", "1.14.7"), grpcJs("b/node_modules/gax", "1.13.0", {}));
  expect(refusal).toBeUndefined();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("2 copies of @grpc/grpc-js are loaded, 1.14.7 in ");
  expect(warnings[0]).toContain("(the runtime's), 1.13.0 in ");
  expect(warnings[0]).toContain("npm install @grpc/grpc-js@1.14.7, npm dedupe");
  expect(warnings[0]).not.toContain("\n");
});

it("warns of a second @opentelemetry/api", () => {
  const { warnings } = inspect(
    installed("a", "@opentelemetry/api", "1.9.1", { trace }),
    installed("b", "@opentelemetry/api", "1.8.0", {}),
  );
  expect(warnings).toEqual([expect.stringContaining("2 copies of @opentelemetry/api are loaded, 1.9.1 in ")]);
  expect(warnings[0]).toContain("spans and metrics may go nowhere");
});

it("names the range that npm holds users to", () => {
  expect(manifest.peerDependencies["@grpc/grpc-js"]).toBe(GRPC_JS_RANGE.text);
  expect(manifest.peerDependencies).toHaveProperty(["@opentelemetry/api"]);
  expect(manifest).not.toHaveProperty("dependencies");
});

it("warns on Bun, which says that it is a Node", () => {
  const { refusal, warnings } = inspectPackages({}, { ...process.versions, bun: "1.4.5" });
  expect(refusal).toBeUndefined();
  expect(warnings).toEqual([expect.stringMatching(/^Bun 1\.4\.5 isn't supported: .*Run this on Node or Deno$/)]);
});
