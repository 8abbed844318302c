import { ts } from "ts-morph";
import { classMembers, type ReadImported } from "./class-members.js";
import type { FileImports } from "./file-imports.js";
import { importInsertions } from "./import-insertions.js";
import { type InsertedText, insert } from "./insertion.js";
import { type LocalName, localNames } from "./local-names.js";
import type { ModuleName } from "./message-names.js";
import { classIndentation, methodInsertions } from "./method-insertions.js";
import { namesForMethods, viewMethod } from "./method-view.js";
import type { ScaffoldTemplates } from "./scaffold-templates.js";
import { type ClassNode, implementsService, type ServicerClass } from "./servicer-class.js";
import type { MethodOutline, ServicerOutline } from "./servicer-outline.js";
import { type SourceStyle, sourceStyle } from "./source-style.js";
import { type StaleMethod, staleMethods } from "./stale-methods.js";
import { parseTypeScript, type TypeScriptSource } from "./typescript-source.js";

/** What completing a class needs besides the class and the service. */
export interface CompletionContext {
  /** All services of the contract: a class may implement several. */
  readonly outlines: readonly ServicerOutline[];
  readonly templates: ScaffoldTemplates;
  readonly readImported: ReadImported;
  /** Reads what the file imports. */
  readonly importsOf: (source: TypeScriptSource) => FileImports;
  /** How the file spells a module that it doesn't import anything like. */
  readonly spell: (module: ModuleName) => string;
}

/** What was found out about a class, and what it becomes. */
export interface Completion {
  /** Methods that the class lacks, in the order of the proto. */
  readonly missing: readonly MethodOutline[];
  /** Why the missing methods can't be told to be missing: what may declare them, `BaseServicer`. Nothing is inserted. */
  readonly unseen: string | undefined;
  readonly stale: readonly StaleMethod[];
  /** The new text. Undefined if nothing is to be inserted. */
  readonly inserted: InsertedText | undefined;
}

/** A class into which methods can't be inserted so that the result would parse. */
export class InsertionError extends Error {
  override readonly name = "InsertionError";
}

/**
 * Inserts what a class lacks of its service, and the imports for it. All other bytes stay as they are.
 *
 * @param servicer a class in a file that parses
 * @throws InsertionError if the result would be wrong: nothing that it can't vouch for is returned
 * @throws TemplateError see `loadTemplates`
 */
export function completeServicer(
  servicer: ServicerClass,
  outline: ServicerOutline,
  context: CompletionContext,
): Completion {
  const { source, node } = servicer;
  const imports = context.importsOf(source);
  const members = classMembers(source, node, context.readImported);
  const missing = outline.methods.filter(({ name }) => !members.names.has(name));
  const stale = staleMethods(source, node, imports, outline, otherMethods(node, imports, outline, context));
  const unseen = missing.length > 0 ? members.unseen : undefined;
  if (missing.length === 0 || unseen !== undefined) {
    return { missing, unseen, stale, inserted: undefined };
  }
  const style = sourceStyle(source.text);
  const barrel = imports.named.find(
    ({ name, specifier }) =>
      name === outline.servicer.name &&
      imports.mayBe(specifier, outline.servicer.module) &&
      !imports.is(specifier, outline.servicer.module),
  )?.specifier;
  const names = localNames(source.root, imports, namesForMethods(missing), barrel);
  const methods = renderMethods(servicer, missing, names, style, context.templates);
  const used = names.filter(({ local }) => methods.some(({ text }) => mentions(text, local)));
  const inserted = insert(source.text, [
    ...importInsertions(source, imports, used, style, context.spell),
    ...methodInsertions(
      source,
      node,
      methods,
      outline.methods.map(({ name }) => name),
      style,
    ),
  ]);
  verify(servicer, outline, inserted, context);
  return { missing, unseen, stale, inserted };
}

function renderMethods(
  { source, node }: ServicerClass,
  missing: readonly MethodOutline[],
  names: readonly LocalName[],
  style: SourceStyle,
  templates: ScaffoldTemplates,
): { name: string; text: string }[] {
  const { member } = classIndentation(source, node, style);
  const width = member.replaceAll("\t", "    ").length;
  return missing.map((method) => ({
    name: method.name,
    text: templates.method(viewMethod(method, names, style, width)),
  }));
}

/** The methods of the other services that a class says it implements. */
function otherMethods(
  node: ClassNode,
  imports: FileImports,
  outline: ServicerOutline,
  { outlines }: CompletionContext,
): ReadonlySet<string> {
  const others = outlines.filter((other) => other !== outline && implementsService(node, imports, other));
  return new Set(others.flatMap(({ methods }) => methods.map(({ name }) => name)));
}

/** Whether a text has a name in it, as a word of its own. `pb.Entry` counts as `pb`. */
function mentions(text: string, name: string): boolean {
  const [first = name] = name.split(".");
  return new RegExp(`(?<![\\w$])${first.replaceAll("$", "\\$")}(?![\\w$])`).test(text);
}

/** Nothing is written on trust: the result must parse, and the class in it must have the methods. */
function verify(
  { source, node, name }: ServicerClass,
  outline: ServicerOutline,
  inserted: InsertedText,
  context: CompletionContext,
): void {
  const result: TypeScriptSource = parseTypeScript(source.path, inserted.text);
  const start = shifted(node.getStart(source.root), inserted);
  let complete = false;
  const visit = (candidate: ts.Node): void => {
    if (
      (ts.isClassDeclaration(candidate) || ts.isClassExpression(candidate)) &&
      candidate.getStart(result.root) === start
    ) {
      const { names } = classMembers(result, candidate, context.readImported);
      complete = outline.methods.every((method) => names.has(method.name));
    }
    ts.forEachChild(candidate, visit);
  };
  visit(result.root);
  if (result.problem !== undefined || !complete) {
    const why = result.problem === undefined ? "" : ` (${result.problem.message})`;
    throw new InsertionError(
      `What the templates give can't be inserted into ${name}: the result would not parse as a class with these methods${why}.`,
    );
  }
}

/** Where what stood at a position of the original stands now. */
function shifted(position: number, { ranges }: InsertedText): number {
  return ranges.reduce((now, { start, end }) => (start <= now ? now + end - start : now), position);
}
