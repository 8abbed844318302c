import { namedMembers } from "./class-members.js";
import { endOfTrailingComments } from "./import-insertions.js";
import type { Insertion } from "./insertion.js";
import type { ClassNode } from "./servicer-class.js";
import type { SourceStyle } from "./source-style.js";
import type { TypeScriptSource } from "./typescript-source.js";

/** A method to insert. */
export interface MethodText {
  readonly name: string;
  /** As the template renders it: LF line ends, two blanks for each level, no indentation of its own. */
  readonly text: string;
}

/** Indentation of a class, as it stands in its file. */
export interface ClassIndentation {
  /** What stands before the line that the class begins on. */
  readonly outer: string;
  /** What stands before its members. */
  readonly member: string;
  /** One level of indentation, as the class has it. */
  readonly level: string;
}

/**
 * The insertions that put methods into a class: each behind the method that comes before it in the proto, where the
 * class has that one itself, else at the end of the class.
 *
 * @param order the names of all of the service's methods, as the proto orders them
 */
export function methodInsertions(
  source: TypeScriptSource,
  node: ClassNode,
  missing: readonly MethodText[],
  order: readonly string[],
  style: SourceStyle,
): Insertion[] {
  const indentation = classIndentation(source, node, style);
  const groups = new Map<string | undefined, MethodText[]>();
  const own = new Set(namedMembers(node).map(({ name }) => name));
  for (const method of missing) {
    const before = order.slice(0, order.indexOf(method.name)).findLast((name) => own.has(name));
    groups.set(before, [...(groups.get(before) ?? []), method]);
  }
  return [...groups].map(([before, methods]) => {
    const texts = methods.map(({ text }) => inStyle(text, indentation, style));
    const member = namedMembers(node).findLast(({ name }) => name === before)?.member;
    return member === undefined
      ? atEnd(source, node, texts, indentation, style)
      : behind(source, member.end, texts, indentation, style);
  });
}

/** Reads how a class and its members are indented. */
export function classIndentation(source: TypeScriptSource, node: ClassNode, style: SourceStyle): ClassIndentation {
  const outer = lineStartingAt(source.text, node.getStart(source.root)).indent;
  const first = node.members
    .map((member) => lineStartingAt(source.text, member.getStart(source.root)))
    .find(({ isFirst }) => isFirst);
  const member = first?.indent ?? outer + style.indent;
  const level = member.startsWith(outer) ? member.slice(outer.length) : "";
  return { outer, member, level: level === "" ? style.indent : level };
}

function behind(
  { text, root }: TypeScriptSource,
  memberEnd: number,
  methods: readonly string[],
  { member, outer }: ClassIndentation,
  { lineEnd }: SourceStyle,
): Insertion {
  const position = endOfTrailingComments(text, memberEnd);
  const inserted = methods.map((method) => lineEnd + lineEnd + method).join("");
  if (position === text.length || /[\r\n]/.test(text.charAt(position))) {
    const next = /^(?:\r\n|\n|\r)([^\r\n]*)/.exec(text.slice(position))?.[1]?.trim() ?? "";
    return { position, text: next === "" || next.startsWith("}") ? inserted : inserted + lineEnd };
  }
  // Something else stands on the line: another member, or the end of the class.
  const closes = /^\s*\}/.test(text.slice(position)) && root.text.length > position;
  return { position, text: inserted + (closes ? lineEnd + outer : lineEnd + lineEnd + member) };
}

function atEnd(
  { text }: TypeScriptSource,
  node: ClassNode,
  methods: readonly string[],
  { outer }: ClassIndentation,
  { lineEnd }: SourceStyle,
): Insertion {
  const brace = node.end - 1;
  const inserted = methods.join(lineEnd + lineEnd) + lineEnd;
  const { start, isFirst } = lineStartingAt(text, brace);
  if (!isFirst) {
    const isEmpty = node.members.length === 0 && text.slice(node.members.pos, brace).trim() === "";
    return { position: brace, text: (isEmpty ? lineEnd : lineEnd + lineEnd) + inserted + outer };
  }
  const lineBefore = /([^\r\n]*)(?:\r\n|\n|\r)$/.exec(text.slice(0, start))?.[1]?.trim() ?? "";
  const bodyBefore = text.slice(node.members.pos, start).trim();
  return { position: start, text: lineBefore === "" || bodyBefore === "" ? inserted : lineEnd + inserted };
}

/** A rendered method in the file's own indentation, line ends, and use of semicolons. */
function inStyle(text: string, { member, level }: ClassIndentation, style: SourceStyle): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, levels = "", code = ""] =
        /^((?: {2})*)(.*)$/.exec(style.semicolons ? line : line.replace(/;$/, "")) ?? [];
      return code === "" ? "" : member + level.repeat(levels.length / 2) + code;
    })
    .join(style.lineEnd);
}

/** The line that a position is on, and whether only blanks come before the position. */
function lineStartingAt(text: string, position: number): { start: number; indent: string; isFirst: boolean } {
  const start = Math.max(text.lastIndexOf("\n", position - 1), text.lastIndexOf("\r", position - 1)) + 1;
  const indent = /^[ \t]*/.exec(text.slice(start, position))?.[0] ?? "";
  return { start, indent, isFirst: start + indent.length === position };
}
