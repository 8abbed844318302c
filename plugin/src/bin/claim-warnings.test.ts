import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimWarnings } from "./claim-warnings.js";
import { RunNotes } from "./run-notes.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-claims-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const WARNINGS = ["a.proto:1:1: warning TIMEOUT_MISSING: …"];
const claim = (parameter: string, parent = 1, warnings = WARNINGS, command = "node") =>
  claimWarnings(warnings, parameter, new RunNotes({ parent, command: () => command, folder: join(folder, "notes") }));

it("gives the warnings of a run to the first of its entries", () => {
  expect([claim("target=ts"), claim("artifacts=k8s"), claim("artifacts=docs")]).toEqual([true, false, false]);
});

it("takes other warnings, another run, and the same entry again for something new", () => {
  expect(claim("target=ts")).toBe(true);
  expect(claim("artifacts=k8s", 1, ["another"])).toBe(true);
  expect(claim("artifacts=k8s", 2)).toBe(true);
  expect(claim("target=ts")).toBe(true);
});

it.each(["buf", "protoc"])("gives them once to entries with the same options, if %s has started them", (compiler) => {
  const once = () => claim("target=ts", 1, WARNINGS, compiler);
  expect([once(), once(), once()]).toEqual([true, false, false]);
  expect(claim("target=ts", 2, WARNINGS, compiler)).toBe(true);
});

it("forgets", () => {
  claim("target=ts");
  const [note = ""] = readdirSync(join(folder, "notes"));
  utimesSync(join(folder, "notes", note), 1, 1);
  expect(claim("artifacts=k8s")).toBe(true);
});

it("tells rather twice than never", () => {
  writeFileSync(join(folder, "notes"), "no folder");
  expect([claim("target=ts"), claim("artifacts=k8s")]).toEqual([true, true]);
});
