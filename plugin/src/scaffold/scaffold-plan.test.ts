import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generatedName, LEDGER, ledgerMethod } from "./ledger.fixture.js";
import { planScaffold } from "./scaffold-plan.js";
import { loadTemplates } from "./scaffold-templates.js";
import type { ServicerOutline } from "./servicer-outline.js";
import { writeUserFile } from "./user-files.js";
import type { ScaffoldOptions } from "./user-workspace.js";

const templates = await loadTemplates();
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "accord-plan-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, content: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

function plan(outlines: readonly ServicerOutline[] = [LEDGER], more: Partial<ScaffoldOptions> = {}) {
  const { services, writes } = planScaffold(outlines, {
    out: join(root, "src/apps"),
    generated: join(root, "src/gen"),
    importExtension: ".js",
    templates,
    ...more,
  });
  const write = () => {
    for (const { file } of writes) {
      writeUserFile(file);
    }
  };
  return { services, writes, write };
}

const IMPORT = 'import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";\n';
const COMPLETE = "transfer: any; listEntries: any; importEntries: any; watch: any;";

const LEDGER_V2: ServicerOutline = {
  ...LEDGER,
  service: "ledger.v2.LedgerService",
  servicer: generatedName("ledger/v2/ledger_servicer", "LedgerServiceServicer"),
  packageDirectory: "ledger/v2",
  methods: [ledgerMethod("Close", "unary")],
};

describe("a first run", () => {
  it("writes a class whose second run finds nothing to do", () => {
    const first = plan();
    expect(first.services).toMatchObject([{ kind: "create", path: join(root, "src/apps/ledger-servicer.ts") }]);
    first.write();
    const second = plan();
    expect(second.services).toMatchObject([{ kind: "complete", className: "LedgerServicer", missing: [], stale: [] }]);
    expect(second.writes).toEqual([]);
  });

  it("spells imports from where the file is, with the extension that is asked for", () => {
    const text = plan([LEDGER], { out: join(root, "a/b/c"), importExtension: "" }).writes[0]?.file.text;
    expect(text).toContain('from "../../../src/gen/ledger/v1/ledger_servicer";');
    expect(text).toContain('from "@accord-grpc/runtime";');
    const near = plan([LEDGER], { out: join(root, "src"), importExtension: ".ts" }).writes[0]?.file.text;
    expect(near).toContain('from "./gen/ledger/v1/ledger_servicer.ts";');
  });

  it("puts services of the same name into folders of their packages", () => {
    const both = plan([LEDGER, LEDGER_V2]);
    both.write();
    expect(both.services.map(({ path }) => path)).toEqual([
      join(root, "src/apps/ledger/v1/ledger-servicer.ts"),
      join(root, "src/apps/ledger/v2/ledger-servicer.ts"),
    ]);
    expect(plan([LEDGER, LEDGER_V2]).writes).toEqual([]);
    // Which of the two a class implements is told by its import.
    const grown = { ...LEDGER_V2, methods: [...LEDGER_V2.methods, ledgerMethod("Reopen", "unary")] };
    expect(plan([LEDGER, grown]).writes.map(({ file }) => file.path)).toEqual([both.services[1]?.path]);
  });

  it("leaves out what isn't selected", () => {
    expect(plan([LEDGER, LEDGER_V2], { select: (outline) => outline === LEDGER_V2 }).services).toHaveLength(1);
  });

  it("writes a class for a service without methods", () => {
    const text = plan([{ ...LEDGER, methods: [] }]).writes[0]?.file.text;
    expect(text).toBe(
      `${IMPORT}\n/** Implements \`ledger.v1.LedgerService\`. */\nexport class LedgerServicer implements LedgerServiceServicer {}\n`,
    );
  });

  it("gives names that collide other ones", () => {
    const promise = { ...ledgerMethod("Get", "unary"), input: generatedName("ledger/v1/ledger_pb", "Promise") };
    const other = { ...ledgerMethod("Put", "unary"), input: generatedName("common/v1/common_pb", "LedgerServicer") };
    const text = plan([{ ...LEDGER, methods: [promise, other] }]).writes[0]?.file.text;
    expect(text).toContain("request: LedgerV1Promise,");
    expect(text).toContain("LedgerServicer as CommonV1LedgerServicer");
  });
});

describe("a later run", () => {
  it("finds the class wherever it was moved, by what it implements", () => {
    const path = put(
      "src/apps/deep/handlers.ts",
      `${IMPORT}export class Handlers implements LedgerServiceServicer {}\n`,
    );
    put("src/apps/wiring.ts", `${IMPORT}export const s: LedgerServiceServicer = new Handlers();\n`);
    put("src/apps/fake.test.ts", `${IMPORT}class Fake implements LedgerServiceServicer {}\n`);
    const { services, write } = plan();
    expect(services).toMatchObject([{ kind: "complete", path, className: "Handlers" }]);
    write();
    expect(readFileSync(path, "utf8")).toContain("async *watch(");
    expect(plan().writes).toEqual([]);
  });

  it("finds it by its name, if nothing says that it implements the service", () => {
    const path = put("src/apps/a.ts", `export class LedgerServicer { ${COMPLETE} }\n`);
    expect(plan().services).toMatchObject([{ kind: "complete", path, missing: [] }]);
  });

  it("completes a class that implements two services, in one file", () => {
    const audit = {
      ...LEDGER_V2,
      servicer: generatedName("audit/v1/audit_servicer", "AuditServiceServicer"),
      fileName: "audit-servicer.ts",
      className: "AuditServicer",
    };
    const path = put(
      "src/apps/a.ts",
      `${IMPORT}import type { AuditServiceServicer } from "../gen/audit/v1/audit_servicer.js";\nclass A implements LedgerServiceServicer, AuditServiceServicer {\n}\n`,
    );
    const { writes, write } = plan([LEDGER, audit]);
    expect(writes).toHaveLength(1);
    expect(writes[0]?.insertions).toHaveLength(2);
    write();
    const text = readFileSync(path, "utf8");
    expect(text).toContain("async watch(".replace("async ", "async *"));
    expect(text).toContain("async close(");
    expect(plan([LEDGER, audit]).writes).toEqual([]);
  });

  it("keeps a byte order mark and the line ends", () => {
    const path = put(
      "src/apps/a.ts",
      `\uFEFF${IMPORT}class A implements LedgerServiceServicer {\n}\n`.replaceAll("\n", "\r\n"),
    );
    plan().write();
    const text = readFileSync(path, "utf8");
    expect(text.startsWith("\uFEFFimport")).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  });

  it("follows base classes into other files", () => {
    put("src/apps/base.ts", `export abstract class Base { ${COMPLETE} }`);
    put(
      "src/apps/a.ts",
      `${IMPORT}import { Base } from "./base.js";\nclass A extends Base implements LedgerServiceServicer {}`,
    );
    expect(plan().services).toMatchObject([{ kind: "complete", missing: [] }]);
  });

  it("knows generated code beside the class", () => {
    const path = put(
      "src/gen/ledger/v1/ledger-servicer.ts",
      `import type { LedgerServiceServicer } from "./ledger_servicer.js";\nimport type { TransferRequest } from "./ledger_pb.js";\nclass A implements LedgerServiceServicer {}\n`,
    );
    plan([LEDGER], { out: join(root, "src/gen/ledger/v1") }).write();
    const text = readFileSync(path, "utf8");
    expect(text.match(/^import/gm)).toHaveLength(4);
    expect(text).toContain("import type { TransferRequest, EntrySchema,");
  });

  it("says when it can't tell", () => {
    put("src/apps/a.ts", `${IMPORT}import { B } from "b";\nclass A extends B implements LedgerServiceServicer {}`);
    const { services, writes } = plan();
    expect(services).toMatchObject([{ kind: "unseen", unseen: "B", place: { line: 3, column: 1 } }]);
    expect(writes).toEqual([]);
  });

  it.each([
    ["a constant", "export const ledger: LedgerServiceServicer = { };"],
    ["satisfies", "export const ledger = ({ }) satisfies LedgerServiceServicer;"],
    ["a factory", "export function ledger(db: Db): LedgerServiceServicer { return { }; }"],
    ["an arrow factory", "export const ledger = (db: Db): LedgerServiceServicer => ({ });"],
  ])("leaves objects alone: %s", (_, code) => {
    put("src/apps/a.ts", IMPORT + code);
    const { services, writes } = plan();
    expect(services).toMatchObject([{ kind: "object", place: { line: 2 } }]);
    expect(writes).toEqual([]);
  });
});

describe("a refusal", () => {
  function refusal(outlines: readonly ServicerOutline[] = [LEDGER]) {
    const { services } = plan(outlines);
    const refused = services.find(({ kind }) => kind === "refuse");
    return refused?.kind === "refuse" ? refused : undefined;
  }

  it("says where a file doesn't parse", () => {
    const path = put("src/apps/a.ts", `${IMPORT}class A implements LedgerServiceServicer {\n  x = ;\n}\n`);
    expect(refusal()).toMatchObject({ path, place: { line: 3, column: 7 } });
    expect(refusal()?.reason).toContain("Expression expected. The file doesn't parse");
  });

  it("comes too if a file that mentions the service can't be looked into", () => {
    put("src/apps/a.ts", `${IMPORT}class {{{ LedgerServiceServicer`);
    expect(refusal()?.place).toMatchObject({ line: 2 });
    // Another file has the class: this one doesn't matter.
    put("src/apps/b.ts", `${IMPORT}class B implements LedgerServiceServicer { ${COMPLETE} }`);
    expect(refusal()).toBeUndefined();
  });

  it("comes if two classes implement the service, unless one is where it is expected", () => {
    put("src/apps/a.ts", `${IMPORT}class A implements LedgerServiceServicer {}`);
    put("src/apps/b.ts", `${IMPORT}class B implements LedgerServiceServicer {}`);
    expect(refusal()?.reason).toBe(
      "A implements LedgerServiceServicer, and so does B (b.ts:2:1). Pass the folder of the one that is served with --out.",
    );
    put("src/apps/ledger-servicer.ts", `${IMPORT}class C implements LedgerServiceServicer {}`);
    expect(plan().services).toMatchObject([{ kind: "complete", className: "C" }]);
  });

  it("takes the class that extends the other", () => {
    put(
      "src/apps/a.ts",
      `${IMPORT}abstract class A implements LedgerServiceServicer { ${COMPLETE} }\nclass B extends A implements LedgerServiceServicer {}`,
    );
    expect(plan().services).toMatchObject([{ kind: "complete", className: "B", missing: [] }]);
  });

  it("comes if another file is in the way", () => {
    put("src/apps/ledger-servicer.ts", "export const x = 1;");
    expect(refusal()?.reason).toContain("is in the way");
    rmSync(join(root, "src/apps/ledger-servicer.ts"));
    mkdirSync(join(root, "src/apps/ledger-servicer.ts"));
    expect(refusal()?.reason).toContain("isn't a file");
  });

  it("comes for what can't be written: read-only files, links, other encodings", () => {
    const text = `${IMPORT}class A implements LedgerServiceServicer {}`;
    const path = put("src/apps/a.ts", text);
    chmodSync(path, 0o444);
    expect(refusal()).toMatchObject({ path, place: undefined, reason: expect.stringContaining("is read-only") });
    rmSync(path);
    symlinkSync(put("elsewhere/a.ts", text), path);
    expect(refusal()).toMatchObject({ path, reason: expect.stringContaining("is a symbolic link") });
    rmSync(path);
    writeFileSync(path, Buffer.concat([Buffer.from(text), Buffer.from("// caf\xe9", "latin1")]));
    expect(refusal()).toMatchObject({ path, reason: expect.stringContaining("isn't valid UTF-8") });
  });

  it("doesn't come for a read-only file that lacks nothing", () => {
    chmodSync(put("src/apps/a.ts", `${IMPORT}class A implements LedgerServiceServicer { ${COMPLETE} }`), 0o444);
    expect(plan().services).toMatchObject([{ kind: "complete", missing: [] }]);
  });
});
