import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimPackage } from "./claim-package.js";
import { RunNotes } from "./run-notes.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-claims-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Claim {
  readonly pkg?: string;
  readonly parameter?: string;
  readonly parent?: number;
  readonly command?: string;
}

const claim = (files: string[], { pkg = "shop.v1", parameter = "", parent = 1, command = "buf" }: Claim = {}) =>
  claimPackage(pkg, files, parameter, new RunNotes({ parent, command: () => command, folder: join(folder, "notes") }));

it("tells the second process what the first has of a package", () => {
  expect(claim(["a.proto", "b.proto"])).toEqual([]);
  expect(claim(["b.proto", "c.proto"])).toEqual(["a.proto"]);
  expect(claim(["d.proto"])).toEqual(["a.proto", "b.proto"]);
});

it("finds nothing missing where two processes have the same", () => {
  expect([claim(["a.proto"]), claim(["a.proto"])]).toEqual([[], []]);
});

it.each<[string, Claim]>([
  ["another package", { pkg: "shop.v2" }],
  ["an entry with other options", { parameter: "artifacts=k8s" }],
  ["another run", { parent: 2 }],
  ["what a program that is no compiler has started", { command: "node" }],
])("knows nothing of %s", (_, other) => {
  claim(["a.proto"]);
  expect(claim(["b.proto"], other)).toEqual([]);
});

it("leaves nothing but its notes, and goes on without any", () => {
  claim(["a.proto"]);
  claim(["b.proto"]);
  expect(readdirSync(join(folder, "notes"))).toHaveLength(1);
  rmSync(join(folder, "notes"), { recursive: true });
  writeFileSync(join(folder, "notes"), "no folder");
  expect(claim(["b.proto"])).toEqual([]);
});
