import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completeText, LEDGER } from "./ledger.fixture.js";
import { loadTemplates } from "./scaffold-templates.js";

// A user's file is put together of odd pieces. `\n` in a piece becomes the file's line end, a tab at the start of a line
// its indentation.

const METHOD_FORMS = [
  (name: string) => `async ${name}(request: any, context: any) {\n\t\treturn {};\n\t}`,
  (name: string) => `@traced("}{") @logged()\n\tasync ${name}(request: any) { return \`\${"}"}\`; } // done }`,
  (name: string) => `${name}(request: string): void;\n\t${name}(request: number): void;\n\t${name}(request: any) {}`,
  (name: string) => `${name} = async (request: any) => {\n\t\t// }\n\t\treturn {}\n\t}`,
  (name: string) => `readonly ${name} = bound(this);`,
  (name: string) => `get ${name}() { return handler }`,
  (name: string) => `"${name}"(request: any) {}`,
  (name: string) => `['${name}'] = 1;`,
  (name: string) => `/** Doc. */ protected override async *${name}() { yield* []; } /* a */ /* b\n\tc */`,
  (name: string) => `public declare ${name}: () => void`,
  (name: string) => `static ${name}2() {}\n\tasync\t${name}\t(\n)\n{\n}`,
];

const OTHER_MEMBERS = [
  "// just a comment",
  "/*\n\t * a block {\n\t */",
  "static transfer() {}",
  "static { init() }",
  "#watch = 1;",
  "constructor(private readonly db: Database, limit = 3) { super(db); }",
  "private cache = new Map<string, { a: 1 }>();",
  "y = 2;\n\tx",
  "[key: string]: unknown;",
  "[Symbol.asyncDispose]() {}",
  "static async *listEntries() {}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template literal in the file, not here
  "html = `\n\t${`}`}\n`;",
  "pattern = /[}\\/]/g;",
  ";",
];

const SEPARATORS = ["\n\t", "\n\n\t", "\n\n\n\t", " \n\t", "\n"];

const HEADERS = [
  "",
  "#!/usr/bin/env node\n",
  "// Copyright somebody\n\n",
  "/* eslint-disable */\n",
  "'use strict'\n",
  "// @ts-nocheck\n",
  "\n\n",
];

const SERVICER_IMPORTS = [
  'import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";\n',
  "import { type LedgerServiceServicer } from '#gen/ledger/v1/ledger_servicer';\n",
  "import type * as LedgerServiceServicer from './barrel.js'; /* why */ // not\n",
  "",
];

const OTHER_IMPORTS = [
  "",
  'import type { CallContext as Context } from "@accord-grpc/runtime";\n',
  "import { CallContext, } from '@accord-grpc/runtime'\n",
  'import type { Logger, } from "@accord-grpc/runtime"; import type fs from "node:fs";\n',
  "import type * as context from '@accord-grpc/runtime' // why\nconst unimplemented = 1\n",
  'import {\n\ttype TransferRequest,\n\ttype WatchRequest, // the other\n} from "../gen/ledger/v1/ledger_pb.js";\n',
  'import {\n\ttype TransferRequest, // first\n\ttype WatchRequest // last\n} from "../gen/ledger/v1/ledger_pb.js";\n',
  'import {} from "../gen/ledger/v1/ledger_pb.js";\n',
  'import * as pb from "../gen/ledger/v1/ledger_pb.js"\n',
  'import pb from "../gen/ledger/v1/ledger_pb.js"; type CallContext = 1; const EntrySchema = 2;\n',
  'import fs = require("node:fs");\n',
  'import "side-effect"',
];

const CLASS_FORMS = [
  (body: string) => `export class Ledger implements LedgerServiceServicer {${body}}`,
  (body: string) => `@injectable()\nexport default abstract class implements LedgerServiceServicer\n{${body}}`,
  (body: string) => `export const ledger = new (class<T> implements Other<T>, LedgerServiceServicer {${body}})();`,
  (body: string) =>
    `class Base { old() {} }\nclass Ledger extends Base implements LedgerServiceServicer{${body}} class After {}`,
  (body: string) =>
    `function make() {\n\t// inner\n\treturn class Ledger extends null implements LedgerServiceServicer {${body}}\n}`,
];

const LINE_ENDS = ["\n", "\r\n", "\r"] as const;

const member = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...OTHER_MEMBERS).map((text) => ({ name: undefined, text })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...LEDGER.methods.map(({ name }) => name)), fc.constantFrom(...METHOD_FORMS))
      .map(([name, form]) => ({ name, text: form(name) })),
  },
);

const userFile = fc
  .record({
    header: fc.constantFrom(...HEADERS),
    servicerImport: fc.constantFrom(...SERVICER_IMPORTS),
    otherImports: fc.uniqueArray(fc.constantFrom(...OTHER_IMPORTS), { maxLength: 2 }),
    importsSwapped: fc.boolean(),
    members: fc.uniqueArray(member, { maxLength: 6, selector: ({ name, text }) => name ?? text }),
    separators: fc.array(fc.constantFrom(...SEPARATORS), { minLength: 8, maxLength: 8 }),
    classForm: fc.constantFrom(...CLASS_FORMS),
    end: fc.constantFrom("\n", "", "\n\n", "\n// the end", "\nexport {}\n"),
    lineEnd: fc.constantFrom(...LINE_ENDS),
    indent: fc.constantFrom("\t", "  ", "    ", " "),
  })
  .map(({ header, servicerImport, otherImports, importsSwapped, members, separators, classForm, end, ...style }) => {
    const imports = [servicerImport, ...otherImports];
    const body = members.map(({ text }, index) => (separators[index] ?? "\n") + text).join("");
    const text =
      header +
      (importsSwapped ? imports.reverse() : imports)
        .map((line) => (/[\n]$|^$/.test(line) ? line : `${line}\n`))
        .join("") +
      classForm(members.length === 0 ? (separators[0] ?? "") : body + (separators[members.length] ?? "\n")) +
      end;
    return {
      text: text.replaceAll("\t", style.indent).replaceAll("\n", style.lineEnd),
      present: new Set(members.flatMap(({ name }) => name ?? [])),
      lineEnd: style.lineEnd,
    };
  });

const templates = await loadTemplates();

describe("completing a class of odd pieces", () => {
  it("leaves every byte outside the insertions, inserts what is missing, and finds nothing to do afterwards", () => {
    let changed = 0;
    fc.assert(
      fc.property(userFile, ({ text, present, lineEnd }) => {
        const completion = completeText(text, { templates });
        const missing = LEDGER.methods.map(({ name }) => name).filter((name) => !present.has(name));
        expect(completion.missing).toEqual(missing);
        expect(completion.unseen).toBeUndefined();
        if (missing.length === 0) {
          expect(completion.inserted).toBeUndefined();
          return;
        }
        changed++;
        const result = completion.inserted?.text ?? "";
        const ranges = completion.inserted?.ranges ?? [];
        const kept = ranges.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), result);
        expect(kept).toBe(text);
        // A file without a line end has none to follow.
        if (text.includes(lineEnd)) {
          const inserted = ranges.map(({ start, end }) => result.slice(start, end)).join("");
          expect(inserted.replaceAll(lineEnd, "")).not.toMatch(/[\r\n]/);
        }
        const again = completeText(result, { templates });
        expect(again.missing).toEqual([]);
        expect(again.inserted).toBeUndefined();
      }),
      { numRuns: 400 },
    );
    expect(changed).toBeGreaterThan(100);
  });
});
