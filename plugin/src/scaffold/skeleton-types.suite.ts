import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program } from "../../../scripts/programs.mjs";
import { decodeDescriptors } from "../cli/decode-descriptors.js";
import { readContract } from "../contract.js";
import { planScaffold } from "./scaffold-plan.js";
import { loadTemplates, type ScaffoldTemplates } from "./scaffold-templates.js";
import { outlineServices } from "./servicer-outline.js";
import { writeUserFile } from "./user-files.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const golden = join(root, "test/golden");

/** The golden cases whose generated code is TypeScript: with imports that end in .js. */
const CASES = readdirSync(golden, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(golden, entry.name)).includes("options.txt"))
  .map((entry) => ({ name: entry.name, options: readFileSync(join(golden, entry.name, "options.txt"), "utf8") }))
  .filter(({ options }) => options.includes("target=ts,import_extension=js") && !options.includes("artifacts="));

let folder: string;
beforeAll(() => {
  // In the repository, so that the packages that the skeletons import are found.
  const parent = join(root, "plugin/node_modules");
  mkdirSync(parent, { recursive: true });
  folder = mkdtempSync(join(parent, ".skeletons-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Scaffolds a golden case's services into a folder until there is nothing to do, and returns the files' paths. */
function scaffold(name: string, out: string, templates: ScaffoldTemplates): string[] {
  const { files, toGenerate } = decodeDescriptors(readFileSync(join(golden, name, "request.binpb")), name);
  const { model } = readContract(files, toGenerate);
  const outlines = model === undefined ? [] : outlineServices(model);
  const generated = join(golden, name, "gen");
  const run = () => planScaffold(outlines, { out, generated, importExtension: ".js", templates }).writes;
  const written = run().map(({ file }) => {
    writeUserFile(file);
    return file.path;
  });
  expect(run()).toEqual([]);
  return written;
}

/** What tsc says of files, as strictly as skeletons are to be. */
async function typeErrors(files: readonly string[]): Promise<string> {
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { noEmit: true, rootDir: root, noUnusedLocals: true },
    files,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const checked = promisify(execFile)(...program("tsc", ["-p", join(folder, "tsconfig.json"), "--pretty", "false"]));
  return checked.then(
    () => "",
    (error: { stdout?: string }) => error.stdout || String(error),
  );
}

describe("skeletons of the golden cases", () => {
  it("type-check with what is generated, whatever the names, and are complete", async () => {
    const templates = await loadTemplates();
    const written = CASES.flatMap(({ name }) => scaffold(name, join(folder, name), templates));
    expect(written.length).toBeGreaterThan(3);
    expect(await typeErrors(written)).toBe("");
  });
});

describe("completed classes", () => {
  // What the file had before, and how it uses that.
  const BEFORE: Readonly<Record<string, readonly [imports: string, code: string]>> = {
    "type-only import": ['import type { CallContext } from "@accord-grpc/runtime";', "export type C = CallContext;"],
    "import of something else": ['import type { Logger } from "@accord-grpc/runtime";', "export type L = Logger;"],
    "inline type": ['import { type CallContext } from "@accord-grpc/runtime";', "export type C = CallContext;"],
    "value import": ['import { Status } from "@accord-grpc/runtime";', "export const ok = Status.OK;"],
    namespace: ['import * as runtime from "@accord-grpc/runtime";', "export const ok = runtime.Status.OK;"],
    "type-only namespace": ['import type * as runtime from "@accord-grpc/runtime";', "export type L = runtime.Logger;"],
    "hidden namespace": ['import * as context from "@accord-grpc/runtime";', "export const ok = context.Status.OK;"],
    "other name": ['import { unimplemented as todo } from "@accord-grpc/runtime";', "export const later = todo;"],
    "taken name": ["", "export const unimplemented = (text: string) => new Error(text);"],
    "taken parameters": ["", "export const context = 1;\nexport const request = 2;"],
  };

  it("type-check, whatever the file imports already", async () => {
    const templates = await loadTemplates();
    const servicer = relative(join(folder, "x"), join(golden, "ledger/gen/ledger/v1/ledger_servicer.js"));
    const written = Object.entries(BEFORE).flatMap(([name, [imports, code]]) => {
      const out = join(folder, name);
      mkdirSync(out);
      const text = `${imports}
import type { LedgerServiceServicer } from "${servicer.replaceAll(sep, "/")}";

${code}

export class Ledger implements LedgerServiceServicer {}
`;
      writeFileSync(join(out, "ledger.ts"), text);
      return scaffold("ledger", out, templates);
    });
    expect(written.filter((path) => path.endsWith("ledger.ts"))).toHaveLength(Object.keys(BEFORE).length);
    expect(await typeErrors(written)).toBe("");
  });
});
