import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readContract, renderDiagnostic, rulePage } from "../../plugin/src/contract.js";
import { NO_SOURCES, type ProtoSources } from "../../plugin/src/read/source/proto-sources.js";
import { RULES } from "../../plugin/src/validate/rules.js";
import { type CompiledCase, caseNames, compileWithBuf, compileWithProtoc, hasProtoc } from "./compile-cases.js";

// A case is a folder: proto files, and what is said of them in `expected.txt`. UPDATE=1 writes what is said now.
// Addresses of rules' pages are left out there. Where `expected.protoc.txt` exists too, protoc compiles the case as well, and without the texts: its spans are coarser.

const UPDATE = process.env.UPDATE === "1";

function diagnosticsOf({ files, toGenerate, sources }: CompiledCase, from: ProtoSources = sources): string {
  const { model, diagnostics } = readContract(files, toGenerate, from);
  expect(model === undefined).toBe(diagnostics.some(({ severity }) => severity === "error"));
  return diagnostics
    .map((diagnostic) => {
      const line = renderDiagnostic(diagnostic);
      const page = ` ${rulePage(diagnostic.rule)}`;
      expect(line.endsWith(page)).toBe(true);
      return `${line.slice(0, -page.length)}\n`;
    })
    .join("");
}

function expectFile(path: string, actual: string): void {
  if (UPDATE) {
    writeFileSync(path, actual);
  }
  expect(actual).toBe(existsSync(path) ? readFileSync(path, "utf8") : "");
}

const kebab = (rule: string): string => rule.toLowerCase().replaceAll("_", "-");
const RULE_IDS = Object.keys(RULES);
// What these refuse is compiled by no compiler, or checked out on no Windows: plugin/src/validate/rules/path-rules.attack.ts crafts it.
const CRAFTED = ["FILE_NAME", "PACKAGE_NAME"];

describe("rejected, compiled by buf", () => {
  it.each(compileWithBuf("rejected").map((compiled) => [compiled.name, compiled] as const))("%s", (name, compiled) => {
    const actual = diagnosticsOf(compiled);
    expectFile(join(compiled.folder, "expected.txt"), actual);
    const rule = RULE_IDS.find((id) => kebab(id) === name);
    expect(actual).toContain(` ${rule}: `);
  });
});

describe("accepted, compiled by buf", () => {
  it.each(compileWithBuf("accepted").map((compiled) => [compiled.name, compiled] as const))("%s", (_, compiled) => {
    expect(diagnosticsOf(compiled)).toBe("");
  });
});

const folder = import.meta.dirname;

describe("rejected, compiled by protoc", () => {
  const names = caseNames("rejected").filter((name) => existsSync(join(folder, name, "expected.protoc.txt")));

  it.runIf(!hasProtoc() && process.env.CI === "true")("needs protoc, which isn't installed", () => {
    expect.fail("Install protobuf-compiler: CI checks protoc's spans too.");
  });

  const cases = hasProtoc() ? compileWithProtoc("rejected", names) : [];
  it.skipIf(!hasProtoc())("protoc is installed", () => {
    expect(cases).not.toHaveLength(0);
  });
  it.each(cases.map((compiled) => [compiled.name, compiled] as const))("%s", (_, compiled) => {
    expectFile(join(compiled.folder, "expected.protoc.txt"), diagnosticsOf(compiled, NO_SOURCES));
  });
});

describe.skipIf(!hasProtoc())("rejected, compiled by both", () => {
  // protoc 3.21 doesn't know debug_redact yet; a case with a buf.yaml has another options.proto.
  const names = caseNames("rejected").filter(
    (name) => name !== "log-redacted" && !existsSync(join(folder, name, "buf.yaml")),
  );
  const withBuf = new Map(hasProtoc() ? compileWithBuf("rejected").map((compiled) => [compiled.name, compiled]) : []);
  const cases = hasProtoc() ? compileWithProtoc("rejected", names) : [];

  it.each(cases.map((compiled) => [compiled.name, compiled] as const))(
    "%s: the same, but for the column",
    (name, compiled) => {
      const said = ({ files, toGenerate }: CompiledCase) =>
        readContract(files, toGenerate)
          .diagnostics.map(({ path, severity, rule, message }) => `${path} ${severity} ${rule} ${message}`)
          .sort();
      const buf = withBuf.get(name);
      expect(said(compiled)).toEqual(buf === undefined ? undefined : said(buf));
    },
  );
});

describe("the table of rules", () => {
  it.each(["rejected", "accepted"] as const)("has a %s case for each rule, and no other", (suite) => {
    const compiled = RULE_IDS.filter((id) => !CRAFTED.includes(id));
    expect(caseNames(suite)).toEqual(compiled.map(kebab).sort());
  });

  it("ends with the rule that sees what the others silenced", () => {
    expect(RULE_IDS.at(-1)).toBe("WAIVER_UNUSED");
  });
});
