import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { missingPeer } from "./missing-peer.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-peer-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const INTERPRETED = { name: "a_validate.ts", content: 'import { createValidator } from "@bufbuild/protovalidate";\n' };
const COMPILED = { name: "b_validate.ts", content: "export function validateB() {}\n" };

it("names the package that generated code imports and nobody has installed", () => {
  expect(missingPeer([COMPILED, INTERPRETED], folder)).toEqual([
    "a_validate.ts: warning: messages with rules in CEL, or with predefined ones, are checked by @bufbuild/protovalidate, which isn't installed: npm install @bufbuild/protovalidate",
  ]);
  expect(missingPeer([INTERPRETED, { ...INTERPRETED, name: "c.ts" }], folder)[0]).toContain(
    "a_validate.ts (and 1 more):",
  );
});

it("says nothing where nothing needs it", () => {
  expect(missingPeer([COMPILED, { name: "d.json" }], folder)).toEqual([]);
});

it("finds it in the folder, and above", () => {
  const installed = join(folder, "node_modules/@bufbuild/protovalidate");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), "{}");
  const below = join(folder, "packages/one");
  mkdirSync(below, { recursive: true });
  expect(missingPeer([INTERPRETED], folder)).toEqual([]);
  expect(missingPeer([INTERPRETED], below)).toEqual([]);
});
