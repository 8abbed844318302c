import type { ReadImported } from "./class-members.js";
import { completeServicer } from "./complete-servicer.js";
import { fileImports } from "./file-imports.js";
import type { InsertedText } from "./insertion.js";
import type { ImportableName, ModuleName } from "./message-names.js";
import type { ScaffoldTemplates } from "./scaffold-templates.js";
import { classesImplementing } from "./servicer-class.js";
import { generatedModules, type MethodOutline, type ServicerOutline } from "./servicer-outline.js";
import { parseTypeScript } from "./typescript-source.js";

/** A name of a generated module, for tests: `generatedName("ledger/v1/ledger_pb", "TransferRequest")`. */
export function generatedName(path: string, name: string): ImportableName {
  const module: ModuleName = { kind: "generated", path };
  return { name, module, typeOnly: true };
}

/** The outline of one of the ledger's methods, for tests. */
export function ledgerMethod(rpc: string, kind: MethodOutline["kind"], output = `${rpc}Response`): MethodOutline {
  return {
    name: rpc.slice(0, 1).toLowerCase() + rpc.slice(1),
    rpc: `ledger.v1.LedgerService.${rpc}`,
    kind,
    input: generatedName("ledger/v1/ledger_pb", `${rpc}Request`),
    outputSchema: generatedName("ledger/v1/ledger_pb", `${output}Schema`),
  };
}

/** The outline of a service with a method of each kind, for tests. */
export const LEDGER: ServicerOutline = {
  service: "ledger.v1.LedgerService",
  servicer: generatedName("ledger/v1/ledger_servicer", "LedgerServiceServicer"),
  className: "LedgerServicer",
  fileName: "ledger-servicer.ts",
  packageDirectory: "ledger/v1",
  methods: [
    ledgerMethod("Transfer", "unary"),
    ledgerMethod("ListEntries", "server_streaming", "Entry"),
    ledgerMethod("ImportEntries", "client_streaming"),
    ledgerMethod("Watch", "bidi_streaming"),
  ],
};

/** What a class of a text becomes, for tests: the text, or why nothing is inserted. */
export function completeText(text: string, options: CompleteOptions): CompletedText {
  const outline = options.outline ?? LEDGER;
  const outlines = options.outlines ?? [outline];
  const source = parseTypeScript("/user/ledger.ts", text);
  if (source.problem !== undefined) {
    throw new Error(`${source.problem.message} in:\n${text}`);
  }
  const generated = generatedModules(outlines);
  const [servicer, ...others] = classesImplementing(source, fileImports(source.root, generated), outline);
  if (servicer === undefined || others.length > 0) {
    throw new Error(`${others.length === 0 ? "no class" : "several classes"} in:\n${text}`);
  }
  const completion = completeServicer(servicer, outline, {
    outlines,
    importsOf: ({ root }) => fileImports(root, generated),
    templates: options.templates,
    readImported: options.readImported ?? (() => undefined),
    spell: (module) => (module.kind === "package" ? module.specifier : `../gen/${module.path}.js`),
  });
  return {
    missing: completion.missing.map(({ name }) => name),
    stale: completion.stale.map(({ name, line, column }) => `${name} ${line}:${column}`),
    unseen: completion.unseen,
    inserted: completion.inserted,
  };
}

/** What {@link completeText} needs besides a text. */
export interface CompleteOptions {
  readonly templates: ScaffoldTemplates;
  readonly outline?: ServicerOutline;
  readonly outlines?: readonly ServicerOutline[];
  readonly readImported?: ReadImported;
}

/** What {@link completeText} gives. */
export interface CompletedText {
  readonly missing: readonly string[];
  /** Name, line and column. */
  readonly stale: readonly string[];
  readonly unseen: string | undefined;
  readonly inserted: InsertedText | undefined;
}
