import { ts } from "ts-morph";
import { compareNaturally } from "../emit/typescript/imports.js";
import { type FileImports, specifierOf } from "./file-imports.js";
import type { Insertion } from "./insertion.js";
import type { LocalName } from "./local-names.js";
import type { ModuleName } from "./message-names.js";
import type { SourceStyle } from "./source-style.js";
import type { TypeScriptSource } from "./typescript-source.js";

/** Names to import from one module. */
export interface ModuleImport {
  readonly specifier: string;
  readonly names: readonly LocalName[];
}

/** An import that the file doesn't have yet, and the statement that it goes behind. None: it is the file's first. */
interface NewImport extends ModuleImport {
  readonly behind: ts.Statement | undefined;
}

/**
 * The insertions that make a file import what it misses: into the braces of an import of the same module that can take
 * it; else as a declaration behind that import, or behind the last one if the module is new to the file.
 *
 * @param spell how a module is spelt that the file doesn't import anything like
 */
export function importInsertions(
  source: TypeScriptSource,
  imports: FileImports,
  names: readonly LocalName[],
  style: SourceStyle,
  spell: (module: ModuleName) => string,
): Insertion[] {
  const insertions: Insertion[] = [];
  const declared: NewImport[] = [];
  const last = imports.declarations.at(-1) ?? source.root.statements.filter(ts.isImportEqualsDeclaration).at(-1);
  for (const [module, missing] of byModule(names.filter((name) => name.missing))) {
    const ofModule = imports.declarations.filter((declaration) => imports.is(specifierOf(declaration), module));
    for (const [taker, wanted] of groupBy(missing, (name) => takerOf(name, ofModule))) {
      const behind = ofModule.at(-1);
      if (taker !== undefined) {
        insertions.push(...insideBraces(source, taker, wanted, style));
      } else if (behind !== undefined) {
        declared.push({ specifier: specifierOf(behind), names: wanted, behind });
      } else {
        declared.push({ specifier: imports.spell(module) ?? spell(module), names: wanted, behind: last });
      }
    }
  }
  for (const [behind, modules] of groupBy(declared, (module) => module.behind)) {
    insertions.push(asDeclarations(source, modules, behind, style));
  }
  return insertions;
}

/** Names, grouped by the module that they come from, in the order of their first appearance. */
export function byModule(names: readonly LocalName[]): [ModuleName, LocalName[]][] {
  const groups: [ModuleName, LocalName[]][] = [];
  for (const name of names) {
    const { module } = name.imported;
    const group = groups.find(([other]) => sameModule(other, module));
    if (group === undefined) {
      groups.push([module, [name]]);
    } else {
      group[1].push(name);
    }
  }
  return groups;
}

/** `import type { A, B as C } from "…";` */
export function importDeclaration({ specifier, names }: ModuleImport, style: SourceStyle): string {
  const typeOnly = names.every(({ imported }) => imported.typeOnly);
  const elements = sortedElements(names, typeOnly);
  const start = typeOnly ? "import type {" : "import {";
  const end = `} from ${style.quote}${specifier}${style.quote}${style.semicolons ? ";" : ""}`;
  const line = `${start} ${elements.join(", ")} ${end}`;
  return line.length <= style.lineWidth || elements.length === 1
    ? line
    : [start, ...elements.map((element) => `${style.indent}${element},`), end].join(style.lineEnd);
}

function sameModule(a: ModuleName, b: ModuleName): boolean {
  return a.kind === "generated"
    ? b.kind === "generated" && a.path === b.path
    : b.kind === "package" && a.specifier === b.specifier;
}

/**
 * The import of a name's module whose braces take it. A value can't go where only types are; a type goes there rather
 * than among values, if the file keeps them apart.
 */
function takerOf({ imported }: LocalName, ofModule: readonly ts.ImportDeclaration[]): ts.ImportDeclaration | undefined {
  const takers = ofModule.filter(
    ({ importClause: clause }) =>
      clause?.namedBindings !== undefined &&
      ts.isNamedImports(clause.namedBindings) &&
      (imported.typeOnly || !clause.isTypeOnly),
  );
  return takers.find(({ importClause }) => importClause?.isTypeOnly) ?? takers[0];
}

function groupBy<Key, Item>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

function insideBraces(
  source: TypeScriptSource,
  declaration: ts.ImportDeclaration,
  wanted: readonly LocalName[],
  style: SourceStyle,
): Insertion[] {
  const clause = declaration.importClause;
  const bindings = clause?.namedBindings;
  if (clause === undefined || bindings === undefined || !ts.isNamedImports(bindings)) {
    return [];
  }
  const elements = sortedElements(wanted, clause.isTypeOnly);
  const last = bindings.elements.at(-1);
  if (last === undefined) {
    return [{ position: bindings.getStart(source.root) + 1, text: ` ${elements.join(", ")} ` }];
  }
  const { text } = source;
  const lineStart = startOfLine(text, last.getStart(source.root));
  const indent = text.slice(lineStart, last.getStart(source.root));
  const trailing = bindings.elements.hasTrailingComma ? text.indexOf(",", endOfTrivia(text, last.end)) + 1 : undefined;
  const end = trailing ?? last.end;
  if (indent.trim() !== "" || !/[\n\r]/.test(text.slice(end, bindings.end))) {
    return [{ position: end, text: trailing === undefined ? `, ${elements.join(", ")}` : ` ${elements.join(", ")},` }];
  }
  const lines = elements.map((element) => `${style.lineEnd}${indent}${element}`).join(",");
  return [
    { position: end, text: trailing === undefined ? "," : "" },
    { position: endOfTrailingComments(text, end), text: trailing === undefined ? lines : `${lines},` },
  ].filter((insertion) => insertion.text !== "");
}

function asDeclarations(
  source: TypeScriptSource,
  declared: readonly ModuleImport[],
  behind: ts.Statement | undefined,
  style: SourceStyle,
): Insertion {
  const lines = declared.map((module) => importDeclaration(module, style));
  if (behind !== undefined) {
    const position = endOfTrailingComments(source.text, behind.end);
    const endsLine = /^(?:[\r\n]|$)/.test(source.text.slice(position));
    return { position, text: lines.map((line) => style.lineEnd + line).join("") + (endsLine ? "" : style.lineEnd) };
  }
  const position = topOfCode(source);
  return { position, text: `${lines.join(style.lineEnd)}${style.lineEnd}${style.lineEnd}` };
}

/** Where the first import goes: behind directives and what is said of the file as a whole, before the first statement. */
function topOfCode({ root, text }: TypeScriptSource): number {
  const statements = root.statements;
  const first = statements.find((statement) => !isDirective(statement));
  const directives = first === undefined ? statements : statements.slice(0, statements.indexOf(first));
  const lastDirective = directives.at(-1);
  if (first === undefined) {
    return lastDirective === undefined ? text.length : endOfTrailingComments(text, lastDirective.end);
  }
  // Comments directly above the statement are its own, as far as they don't speak for the file.
  let position = first.getStart(root);
  const comments = ts.getLeadingCommentRanges(text, first.getFullStart()) ?? [];
  for (const comment of comments.reverse()) {
    const gap = text.slice(comment.end, position);
    const aboutFile = /^\/\/\/|^\/\/!|@ts-(?:no)?check|copyright|licen[sc]e|@jsx|eslint-disable(?!-)|@file|@generated/i;
    if (/(?:\r\n|\n|\r)\s*?(?:\r\n|\n|\r)/.test(gap) || aboutFile.test(text.slice(comment.pos, comment.end))) {
      break;
    }
    position = comment.pos;
  }
  return position;
}

function isDirective(statement: ts.Statement): boolean {
  return ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression);
}

/** `A`, `B as C`, sorted; with `type` before types where the declaration imports values too. */
function sortedElements(names: readonly LocalName[], typeOnlyDeclaration: boolean): string[] {
  return [...names]
    .sort((a, b) => compareNaturally(a.imported.name, b.imported.name))
    .map(({ imported, local }) => {
      const element = imported.name === local ? local : `${imported.name} as ${local}`;
      return imported.typeOnly && !typeOnlyDeclaration ? `type ${element}` : element;
    });
}

function startOfLine(text: string, position: number): number {
  return Math.max(text.lastIndexOf("\n", position - 1), text.lastIndexOf("\r", position - 1)) + 1;
}

function endOfTrivia(text: string, position: number): number {
  const comments = [
    ...(ts.getTrailingCommentRanges(text, position) ?? []),
    ...(ts.getLeadingCommentRanges(text, position) ?? []),
  ];
  return comments.reduce((end, comment) => Math.max(end, comment.end), position);
}

/**
 * The end of what stands behind a position on its line, where that is nothing but comments and blanks; else the
 * position itself. Comments that begin there belong to what is before them.
 */
export function endOfTrailingComments(text: string, position: number): number {
  const end = (ts.getTrailingCommentRanges(text, position) ?? []).at(-1)?.end ?? position;
  const rest = /^[ \t]*(?=[\r\n]|$)/.exec(text.slice(end));
  return rest === null ? position : end + rest[0].length;
}
