import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "ts-morph";
import { beforeAll, describe, expect, it } from "vitest";

// What an editor shows where a method is called, by TypeScript's own language service.

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const golden = join(root, "test/golden");

const CALLS = `
import type { LedgerServiceClient } from "${golden}/ledger/gen/ledger/v1/ledger_client.js";
import type { LedgerServiceClient as PageClient } from "${golden}/web/gen/ledger/v1/ledger_web.js";
declare const client: LedgerServiceClient;
declare const page: PageClient;
client./*unary*/transfer({});
client./*server streaming*/listEntries({});
client./*client streaming*/importEntries([]);
client./*bidi streaming*/watch([]);
client./*unary, its result*/transfer.result({});
client./*client streaming, its result*/importEntries.result([]);
client.transfer./*result*/result({});
client.importEntries./*result of streams*/result([]);
page./*unary, in a page*/transfer({});
page./*server streaming, in a page*/listEntries({});
`;

/** A program of one file, asked as an editor asks. */
function serviceFor(path: string, text: string): ts.LanguageService {
  const options: ts.CompilerOptions = {
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, strict: true },
    ...{ target: ts.ScriptTarget.ES2022, customConditions: ["@accord-grpc/source"], skipLibCheck: true },
  };
  return ts.createLanguageService({
    getScriptFileNames: () => [path],
    getScriptVersion: () => "1",
    getScriptSnapshot(name) {
      const content = name === path ? text : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    ...{ fileExists: ts.sys.fileExists, readFile: ts.sys.readFile, directoryExists: ts.sys.directoryExists },
    getDirectories: ts.sys.getDirectories,
  });
}

describe("an editor, at a call", () => {
  const path = join(root, "test/editor/calls.ts");
  let service: ts.LanguageService;

  beforeAll(() => {
    service = serviceFor(path, CALLS);
  });

  /** The text and the tags that are shown at the name behind a mark. */
  function shownAt(mark: string): string {
    const info = service.getQuickInfoAtPosition(path, CALLS.indexOf(`/*${mark}*/`) + mark.length + 5);
    expect(info, mark).toBeDefined();
    const tags = (info?.tags ?? []).map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`);
    return [ts.displayPartsToString(info?.documentation), ...tags].join("\n");
  }

  it.each([
    [
      "unary",
      "Moves an amount from one account to another.",
      "Deadline: 5s",
      "Retried: up to 5 attempts on UNAVAILABLE.",
    ],
    ["server streaming", "The entries of an account, newest first.", "Deadline: 1m30s"],
    ["client streaming", "Imports entries of another ledger.", "Deadline: 5s"],
    ["bidi streaming", "Tells of entries as they are made.", "Deadline: 5s", "@deprecated"],
    ["unary, its result", "Moves an amount from one account to another.", "Deadline: 5s"],
    ["client streaming, its result", "Imports entries of another ledger.", "Deadline: 5s"],
    ["unary, in a page", "Moves an amount from one account to another.", "Deadline: 5s"],
    ["server streaming, in a page", "The entries of an account, newest first.", "Deadline: 1m30s"],
  ])("shows the method's own text, deadline and errors: %s", (mark, ...texts) => {
    const shown = shownAt(mark);
    for (const text of texts) {
      expect(shown).toContain(text);
    }
    expect(shown).toMatch(/@throws \{?AccountNotFoundError/);
  });

  it.each(["result", "result of streams"])("shows what %s does at `.result`", (mark) => {
    expect(shownAt(mark)).toMatch(/Resolves with the response or with an error|As .*UnaryMethod\.result/);
  });
});
