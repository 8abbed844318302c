import type { JsonValue } from "@bufbuild/protobuf";
import type { Node } from "yaml";
import { lineText } from "../../../contract/line-text.js";
import { hint } from "../directive.js";
import type { YamlLibrary } from "./load-yaml.js";

/** A mistake in a scenario file. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A scenario file has mistakes. The message has all of them, a line for each: `path:line:col: error: what`. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  readonly problems: readonly Problem[];

  constructor(path: string, problems: readonly Problem[]) {
    const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
    const lines = sorted.map(({ line, column, message }) => lineText(`${path}:${line}:${column}: error: ${message}`));
    super(lines.join("\n"));
    this.problems = sorted;
  }
}

/** A value of a file that has been read, and its place. */
export interface Located {
  readonly value: JsonValue;
  /** In the file, from 0. */
  readonly offset: number;
  /** Of a map: its entries, each key with its own place. */
  readonly entries?: readonly { readonly key: string; readonly offset: number; readonly value: Located }[];
  /** Of a list. */
  readonly items?: readonly Located[];
}

/** What is wrong with a file, as it is found. */
export class Problems {
  readonly found: Problem[] = [];
  readonly #lineAt: (offset: number) => { readonly line: number; readonly col: number };

  constructor(lineAt: (offset: number) => { readonly line: number; readonly col: number }) {
    this.#lineAt = lineAt;
  }

  add({ offset }: { readonly offset: number }, message: string): void {
    const { line, col } = this.#lineAt(offset);
    this.found.push({ line, column: col, message });
  }

  /** The entries of a map by their keys. Those that aren't among `known` are mistakes. */
  entriesOf(what: string, located: Located, known: readonly string[]): ReadonlyMap<string, Located> {
    if (located.entries === undefined) {
      this.add(located, `${what} must be a map with ${known.join(", ")}`);
      return new Map();
    }
    for (const entry of located.entries) {
      if (!known.includes(entry.key)) {
        this.add(entry, `${what} has no ${entry.key}.${hint(entry.key, known)} It has ${known.join(", ")}.`);
      }
    }
    return new Map(located.entries.map(({ key, value }) => [key, value]));
  }

  /** The items of a list. */
  itemsOf(what: string, located: Located): readonly Located[] {
    if (located.items === undefined) {
      this.add(located, `${what} must be a list`);
    }
    return located.items ?? [];
  }

  text(what: string, located: Located): string | undefined {
    if (typeof located.value !== "string") {
      this.add(located, `${what} must be a text`);
      return undefined;
    }
    return located.value;
  }

  number(what: string, located: Located, isRight: (value: number) => boolean, wanted: string): number | undefined {
    const { value } = located;
    if (typeof value !== "number" || !isRight(value)) {
      this.add(located, `${what} must be ${wanted}`);
      return undefined;
    }
    return value;
  }
}

// Deeper than any message, and shallower than what an alias can make of a few lines.
const DEEPEST = 100;

/** Makes of a YAML node what it says, with places. Anchors are followed. */
export function locate(
  node: Node | null | undefined,
  resolve: (node: Node) => Node | undefined,
  yaml: YamlLibrary,
  depth = 0,
): Located {
  const offset = node?.range?.[0] ?? 0;
  if (depth > DEEPEST) {
    return { value: null, offset };
  }
  const inner = (child: unknown): Located => locate(child as Node | null, resolve, yaml, depth + 1);
  if (yaml.isAlias(node)) {
    return { ...inner(resolve(node)), offset };
  }
  if (yaml.isMap(node)) {
    const entries = node.items.map((pair) => {
      const key = pair.key as Node;
      return {
        key: yaml.isScalar(key) ? String(key.value) : "",
        offset: key.range?.[0] ?? offset,
        value: pair.value === null ? { value: null, offset } : inner(pair.value),
      };
    });
    return { value: Object.fromEntries(entries.map(({ key, value }) => [key, value.value])), offset, entries };
  }
  if (yaml.isSeq(node)) {
    const items = node.items.map(inner);
    return { value: items.map(({ value }) => value), offset, items };
  }
  return { value: (yaml.isScalar(node) ? node.value : null) as JsonValue, offset };
}
