import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fitsPattern } from "./case-pattern.js";
import { judge, type KnownFailure, readKnownFailures } from "./known-failures.js";
import type { CaseResult } from "./suite.js";

const folder = mkdtempSync(join(tmpdir(), "known-failures-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a pattern", () => {
  it.each([
    ["tls/unary/ok", "tls/unary/ok", true],
    ["tls/unary/ok", "tls/unary", false],
    ["tls/unary/ok", "tls/*/ok", true],
    ["tls/unary/ok", "*/ok", false],
    ["tls/unary/ok", "**/ok", true],
    ["ok", "**/ok", true],
    ["not-ok", "**/ok", false],
    ["tls/unary/ok", "tls/**", true],
    ["tls/(grpc impl)/ok", "tls/(grpc impl)/*", true],
    ["tls/unary/error-late", "**/error*", true],
    ["tls/error/late", "**/error*", false],
  ])("%s, %s: %s", (name, pattern, fits) => {
    expect(fitsPattern(name, pattern)).toBe(fits);
  });
});

describe("a list of known failures", () => {
  it("has a pattern and a reason on each line", () => {
    const path = join(folder, "list.txt");
    writeFileSync(path, "# a list\n\nA case/**/x # it is so\nflaky b # now and then\n");
    expect(readKnownFailures(path)).toEqual([
      { pattern: "A case/**/x", reason: "it is so", flaky: false },
      { pattern: "b", reason: "now and then", flaky: true },
    ]);
  });

  it("can't leave the reason out", () => {
    const path = join(folder, "silent.txt");
    writeFileSync(path, "a # why\nb\n");
    expect(() => readKnownFailures(path)).toThrow("silent.txt:2: write a pattern");
  });
});

describe("a run", () => {
  const known: KnownFailure = { pattern: "a/**", reason: "why", flaky: false };
  const passed = (name: string): CaseResult => ({ name, outcome: "passed" });
  const failed = (name: string): CaseResult => ({ name, outcome: "failed", message: "no" });

  it("is as expected if exactly the known cases fail", () => {
    const verdict = judge([failed("a/1"), failed("a/2"), passed("b")], [known], true);
    expect(verdict).toMatchObject({ passed: 1, unknown: [], stale: [] });
    expect(verdict.known).toEqual([{ failure: known, failed: ["a/1", "a/2"] }]);
  });

  it("tells of a failure that isn't known", () => {
    expect(judge([failed("a/1"), failed("b")], [known], true).unknown).toEqual([failed("b")]);
  });

  it("tells of a known failure that passes", () => {
    expect(judge([failed("a/1"), passed("a/2")], [known], true).stale).toEqual(["a/2: passes (a/**)"]);
  });

  it("tells of a line that fits no case, if all were run", () => {
    expect(judge([passed("b")], [known], true).stale).toEqual(["a/**: there is no such case"]);
    expect(judge([passed("b")], [known], false).stale).toEqual([]);
  });

  it("leaves flaky cases be, whether they fail or not", () => {
    const flaky = { ...known, flaky: true };
    const verdict = judge([failed("a/1"), passed("a/2")], [flaky], true);
    expect(verdict).toMatchObject({ passed: 1, unknown: [], stale: [] });
  });

  it("counts what was left out for neither", () => {
    const left: CaseResult = { name: "b", outcome: "skipped", message: "no such method" };
    expect(judge([failed("a/1"), left], [known], true)).toMatchObject({ passed: 0, skipped: [left], unknown: [] });
  });
});
