import { MARKS, Mark } from "./layout-marks.js";
import { columnsOf } from "./text-width.js";

/** The longest line, in columns. */
export const LINE_WIDTH = 120;

const INDENT = 2;

/**
 * Lays out generated TypeScript: what fits on one line stays on it; what doesn't is broken, one item per line, with
 * trailing commas.
 *
 * Emitters can't decide that themselves, since protoplugin renames colliding imports after everything is printed. So they
 * print marks (see `layout-group.ts`), which become line breaks here, where the text is final. The rules are those of
 * biome's formatter: the outermost group breaks first, and a group fits if it does together with what follows it, up to
 * the next place where a line may break.
 */
export function layOut(text: string): string {
  // Almost all lines fit as they are without their marks. Lines correspond: no mark stands for a line break.
  const flat = text.replace(FLATTENED, "");
  const laidOut: string[] = [];
  let done = 0;
  for (let start = 0, flatStart = 0; flat.length < text.length && start < text.length; ) {
    let end = lineEnd(text, start);
    let flatEnd = lineEnd(flat, flatStart);
    if (end - start !== flatEnd - flatStart) {
      for (const last = endOfGroups(text, start); end < last; ) {
        end = lineEnd(text, end + 1);
        flatEnd = lineEnd(flat, flatEnd + 1);
      }
      if (!fitsFlat(flat.slice(flatStart, flatEnd))) {
        laidOut.push(flat.slice(done, flatStart), printLine(text.slice(start, end)));
        done = flatEnd;
      }
    }
    start = end + 1;
    flatStart = flatEnd + 1;
  }
  return laidOut.join("") + flat.slice(done);
}

/** Matches what isn't there if nothing is broken. */
const FLATTENED = new RegExp(`${Mark.ifBroken}[^${Mark.endIfBroken}]*${Mark.endIfBroken}|${MARKS.source}`, "g");

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

/** The end of the line that starts at an index, behind all groups that begin in it: they may hold line breaks. */
function endOfGroups(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case GROUP:
      case HUG:
        depth++;
        break;
      case END:
        depth--;
        break;
      case NEW_LINE:
        if (depth === 0) {
          return index;
        }
    }
  }
  return text.length;
}

const GROUP = Mark.group.charCodeAt(0);
const HUG = Mark.hug.charCodeAt(0);
const END = Mark.end.charCodeAt(0);
const NEW_LINE = "\n".charCodeAt(0);

function fitsFlat(line: string): boolean {
  return columnsOf(line) <= LINE_WIDTH && !line.includes("\n");
}

function printLine(line: string): string {
  const printer = new Printer();
  // The printer takes the indentation from what follows a line break.
  printer.print(parse(`\n${line}`), undefined);
  return printer.text.slice(1);
}

type Node = string | Group | Break | IfBroken;

interface Group {
  readonly kind: "group" | "hug";
  readonly nodes: readonly Node[];
}

interface Break {
  readonly kind: "break" | "last-break";
}

interface IfBroken {
  readonly kind: "if-broken";
  readonly text: string;
}

function parse(text: string): readonly Node[] {
  const root: Node[] = [];
  const outer: Node[][] = [];
  let nodes = root;
  let position = 0;
  let conditional = false;
  for (const match of text.matchAll(MARKS)) {
    const before = text.slice(position, match.index);
    position = match.index + 1;
    if (before !== "") {
      nodes.push(conditional ? { kind: "if-broken", text: before } : before);
    }
    switch (match[0]) {
      case Mark.group:
      case Mark.hug: {
        const inner: Node[] = [];
        nodes.push({ kind: match[0] === Mark.hug ? "hug" : "group", nodes: inner });
        outer.push(nodes);
        nodes = inner;
        break;
      }
      case Mark.end:
        nodes = outer.pop() ?? root;
        break;
      case Mark.break:
        nodes.push({ kind: "break" });
        break;
      case Mark.lastBreak:
        nodes.push({ kind: "last-break" });
        break;
      default:
        conditional = match[0] === Mark.ifBroken;
    }
  }
  nodes.push(text.slice(position));
  return root;
}

/** What follows a node: the rest of its siblings, then what follows their parent. */
interface Rest {
  readonly nodes: readonly Node[];
  readonly from: number;
  /** Whether the group that the siblings are in is broken. */
  readonly broken: boolean;
  readonly after: Rest | undefined;
}

type Mode =
  | "flat"
  | "broken"
  // All breaks stay, but the last inner group is broken.
  | "hugged";

class Printer {
  private readonly chunks: string[] = [];
  private column = 0;
  /** The indentation of the line, as long as nothing else is on it. */
  private lineIndent = 0;
  private afterBreak = false;

  get text(): string {
    return this.chunks.join("");
  }

  /** Prints text outside of groups, and the groups in it. */
  print(nodes: readonly Node[], after: Rest | undefined): void {
    nodes.forEach((node, index) => {
      if (typeof node === "string") {
        this.write(node);
      } else if (isGroup(node)) {
        this.printGroup(node, this.lineIndent, { nodes, from: index + 1, broken: false, after });
      }
    });
  }

  private printGroup(group: Group, indent: number, rest: Rest): void {
    this.printNodes(group, this.modeOf(group, rest), indent, rest);
  }

  private modeOf(group: Group, rest: Rest): Mode {
    const available = LINE_WIDTH - this.column;
    if (fits(group.nodes, rest, available)) {
      return "flat";
    }
    return group.kind === "hug" && fitsHugged(group, available) ? "hugged" : "broken";
  }

  private printNodes(group: Group, mode: Mode, indent: number, rest: Rest): void {
    const { nodes } = group;
    const hugged = mode === "hugged" ? nodes.findLastIndex(isGroup) : -1;
    let inner = indent;
    nodes.forEach((node, index) => {
      const following: Rest = { nodes, from: index + 1, broken: mode === "broken", after: rest };
      if (typeof node === "string") {
        this.write(node);
      } else if (isGroup(node)) {
        if (index === hugged) {
          this.printNodes(node, "broken", inner, following);
        } else if (mode === "broken") {
          this.printGroup(node, inner, following);
        } else {
          this.printNodes(node, "flat", inner, following);
        }
      } else if (mode === "broken") {
        if (node.kind === "if-broken") {
          this.write(node.text);
        } else {
          inner = node.kind === "break" ? indent + INDENT : indent;
          this.breakLine(inner);
        }
      }
    });
  }

  private breakLine(indent: number): void {
    this.chunks.push("\n", " ".repeat(indent));
    this.column = indent;
    this.afterBreak = true;
  }

  private write(text: string): void {
    // A space that separates items on one line isn't needed on the next.
    const written = this.afterBreak ? text.trimStart() : text;
    if (written === "") {
      return;
    }
    this.afterBreak = false;
    this.chunks.push(written);
    const lineStart = written.lastIndexOf("\n") + 1;
    if (lineStart === 0) {
      this.column += columnsOf(written);
    } else {
      const line = written.slice(lineStart);
      this.column = columnsOf(line);
      this.lineIndent = line.length - line.trimStart().length;
    }
  }
}

/** Whether nodes fit on what is left of a line, together with what follows them up to the next possible break. */
function fits(nodes: readonly Node[], rest: Rest, available: number): boolean {
  let left = available - flatWidth(nodes);
  for (let at: Rest | undefined = rest; at !== undefined && left >= 0; at = at.after) {
    for (let index = at.from; index < at.nodes.length; index++) {
      const node = at.nodes[index];
      const { width, ends } = widthToBreak(node === undefined ? [] : [node], at.broken);
      left -= width;
      if (ends || left < 0) {
        return left >= 0;
      }
    }
  }
  return left >= 0;
}

/** Whether a line can hold what is before the first break of a group's last inner group. */
function fitsHugged(group: Group, available: number): boolean {
  const last = group.nodes.findLastIndex(isGroup);
  const hugged = group.nodes[last];
  if (hugged === undefined || !isGroup(hugged)) {
    return false;
  }
  return flatWidth(group.nodes.slice(0, last)) + widthToBreak(hugged.nodes).width <= available;
}

function flatWidth(nodes: readonly Node[]): number {
  let width = 0;
  for (const node of nodes) {
    if (typeof node === "string") {
      width += node.includes("\n") ? Number.POSITIVE_INFINITY : columnsOf(node);
    } else if (isGroup(node)) {
      width += flatWidth(node.nodes);
    }
  }
  return width;
}

/** The width of nodes up to the first place where a line ends or may end. */
function widthToBreak(nodes: readonly Node[], broken = false): { width: number; ends: boolean } {
  let width = 0;
  for (const node of nodes) {
    if (typeof node === "string") {
      const end = node.indexOf("\n");
      width += columnsOf(end === -1 ? node : node.slice(0, end));
      if (end !== -1) {
        return { width, ends: true };
      }
    } else if (isGroup(node)) {
      const inner = widthToBreak(node.nodes);
      width += inner.width;
      if (inner.ends) {
        return { width, ends: true };
      }
    } else if (node.kind !== "if-broken") {
      return { width, ends: true };
    } else if (broken) {
      width += columnsOf(node.text);
    }
  }
  return { width, ends: false };
}

function isGroup(node: Node | undefined): node is Group {
  return typeof node === "object" && (node.kind === "group" || node.kind === "hug");
}
