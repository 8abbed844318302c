import { ts } from "ts-morph";
import { type InsertedText, type Insertion, insert } from "./insertion.js";
import { DEFAULT_STYLE, type SourceStyle, sourceStyle } from "./source-style.js";
import type { MethodCases, TestCase, TestOutline } from "./test-outline.js";
import { parseTypeScript, type TypeScriptSource, visitNodes } from "./typescript-source.js";

/** The test runners that files are written for, and the modules that their functions come from. */
export const TEST_RUNNERS = { vitest: "vitest", jest: "@jest/globals", node: "node:test" } as const;

export type TestRunner = keyof typeof TEST_RUNNERS;

/** Cases that a file lacks: methods without any, and cases of methods that have some. */
export type MissingCases = readonly MethodCases[];

/** What becomes of a file of tests. */
export interface TestCompletion {
  readonly missing: MissingCases;
  /** The new text. Undefined if nothing is missing. */
  readonly inserted: InsertedText | undefined;
}

/** The first version of a servicer's tests: each case fails until somebody has filled it in. */
export function newServicerTests(outline: TestOutline, runner: TestRunner): string {
  const body = outline.methods
    .map((method) => methodText(method, DEFAULT_STYLE, DEFAULT_STYLE.indent, "it"))
    .join("\n\n");
  return `import { describe, it } from "${TEST_RUNNERS[runner]}";

// A case for each way that the contract has a call end. Fill them in; later runs of \`accord scaffold --tests\` add what the contract adds.
describe("${outline.service}", () => {
${body}
});
`;
}

/** Whether a file has the tests of a service: a `describe` with its full name. */
export function hasTestsOf({ root }: TypeScriptSource, service: string): boolean {
  return describesIn(root).some(({ title }) => title === service);
}

/**
 * Inserts the cases that a file of tests lacks. All other bytes stay as they are. A case is there if its code is a word in the title of a
 * test of its method.
 *
 * @param source a file that parses, and has the service's `describe`
 * @returns undefined if the result wouldn't be what it should be: nothing that can't be vouched for is returned
 */
export function completeTests(source: TypeScriptSource, outline: TestOutline): TestCompletion | undefined {
  const missing = missingCases(source, outline);
  if (missing.length === 0) {
    return { missing, inserted: undefined };
  }
  const style = sourceStyle(source.text);
  const service = describesIn(source.root).find(({ title }) => title === outline.service);
  if (service === undefined) {
    return undefined;
  }
  const word = caseWord(source.root);
  const insertions = missing.map((method) => {
    const block = describesIn(service.block).find(({ title }) => isMethod(title, method.method))?.block;
    return block === undefined
      ? atEnd(source, service.block, (indent) => methodText(method, style, indent, word), style)
      : atEnd(source, block, (indent) => casesText(method, style, indent, word), style);
  });
  const inserted = insert(source.text, insertions);
  const result = parseTypeScript(source.path, inserted.text);
  return result.problem === undefined && missingCases(result, outline).length === 0 ? { missing, inserted } : undefined;
}

function missingCases({ root }: TypeScriptSource, outline: TestOutline): MethodCases[] {
  const blocks = describesIn(root).filter(({ title }) => title === outline.service);
  return outline.methods.flatMap(({ method, cases }) => {
    const titles = blocks
      .flatMap(({ block }) => describesIn(block))
      .filter(({ title }) => isMethod(title, method))
      .flatMap(({ block }) => titlesIn(block));
    const lacking = cases.filter(({ code }) => !titles.some((title) => title.split(/\W+/).includes(code)));
    return lacking.length === 0 ? [] : [{ method, cases: lacking }];
  });
}

/** People may call a method as the proto does. */
function isMethod(title: string, method: string): boolean {
  return (
    title.replace(/^./, (letter) => letter.toLowerCase()) === method.replace(/^./, (letter) => letter.toLowerCase())
  );
}

interface Described {
  readonly title: string;
  readonly block: ts.Block;
}

function describesIn(node: ts.Node): Described[] {
  return callsIn(node, ["describe", "suite"]).flatMap(({ title, call }) => {
    const callback = call.arguments.find(
      (argument) => ts.isArrowFunction(argument) || ts.isFunctionExpression(argument),
    );
    return callback !== undefined && ts.isBlock(callback.body) ? [{ title, block: callback.body }] : [];
  });
}

function titlesIn(node: ts.Node): string[] {
  return callsIn(node, ["it", "test"]).map(({ title }) => title);
}

/** The calls of a runner's functions, `it.skip("…")` and `it.each(…)("…")` among them. */
function callsIn(
  node: ts.Node,
  names: readonly string[],
): { readonly title: string; readonly call: ts.CallExpression }[] {
  const calls: { title: string; call: ts.CallExpression }[] = [];
  visitNodes(node, (each) => {
    const [first] = ts.isCallExpression(each) ? each.arguments : [];
    if (ts.isCallExpression(each) && first !== undefined && ts.isStringLiteralLike(first)) {
      const root = rootOf(each.expression);
      if (root !== undefined && names.includes(root)) {
        calls.push({ title: first.text, call: each });
      }
    }
  });
  return calls;
}

function rootOf(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) {
    return node.text;
  }
  return ts.isPropertyAccessExpression(node) || ts.isCallExpression(node) ? rootOf(node.expression) : undefined;
}

/** What the file calls a case: `test` where it has no `it`. */
function caseWord(root: ts.SourceFile): string {
  return callsIn(root, ["it"]).length === 0 && callsIn(root, ["test"]).length > 0 ? "test" : "it";
}

function atEnd(
  { text, root }: TypeScriptSource,
  block: ts.Block,
  print: (indent: string) => string,
  style: SourceStyle,
): Insertion {
  const brace = block.end - 1;
  const start = Math.max(text.lastIndexOf("\n", brace), text.lastIndexOf("\r", brace)) + 1;
  const closing = text.slice(start, brace);
  const isOwnLine = closing.trim() === "" && start > block.getStart(root);
  const outer = isOwnLine ? closing : (/^[ \t]*/.exec(text.slice(lineStart(text, block.getStart(root))))?.[0] ?? "");
  const printed = print(outer + style.indent).replaceAll("\n", style.lineEnd);
  const isEmpty = block.statements.length === 0;
  return isOwnLine
    ? { position: start, text: `${isEmpty ? "" : style.lineEnd}${printed}${style.lineEnd}` }
    : { position: brace, text: `${style.lineEnd}${printed}${style.lineEnd}${outer}` };
}

function lineStart(text: string, position: number): number {
  return Math.max(text.lastIndexOf("\n", position - 1), text.lastIndexOf("\r", position - 1)) + 1;
}

function methodText(method: MethodCases, style: SourceStyle, indent: string, word: string): string {
  const { quote, semicolons } = style;
  const end = semicolons ? ";" : "";
  const cases = casesText(method, style, indent + style.indent, word);
  return `${indent}describe(${quote}${method.method}${quote}, () => {\n${cases}\n${indent}})${end}`;
}

function casesText({ method, cases }: MethodCases, style: SourceStyle, indent: string, word: string): string {
  return cases.map((each) => caseText(method, each, style, indent, word)).join("\n\n");
}

function caseText(
  method: string,
  { title, remark }: TestCase,
  { quote, semicolons, indent: level }: SourceStyle,
  indent: string,
  word: string,
): string {
  const end = semicolons ? ";" : "";
  const lines = [
    ...(remark === undefined ? [] : [`// ${remark}`]),
    `${word}(${quote}${title}${quote}, async () => {`,
    `${level}throw new Error(${quote}Not written yet: ${method} ${title}${quote})${end}`,
    `})${end}`,
  ];
  return lines.map((line) => indent + line).join("\n");
}
