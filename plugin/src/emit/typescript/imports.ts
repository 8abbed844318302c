import { braces } from "./layout-group.js";
import type { Printable } from "./typescript-file.js";

/**
 * Rewrites the import statements at the top of generated TypeScript: one for each module, in biome's order, type-only
 * names marked as such. protoplugin prints two for a module that gives both types and values, in the order of their use.
 */
export function organizeImports(source: string): string {
  const modules = new Map<string, ImportedName[]>();
  let end = 0;
  for (const match of source.matchAll(IMPORT)) {
    const [statement, typeOnly, names = "", from = ""] = match;
    if (match.index !== end) {
      break;
    }
    end += statement.length;
    const imported = modules.get(from) ?? [];
    modules.set(from, imported);
    for (const name of names.split(", ")) {
      imported.push({ text: name, typeOnly: typeOnly !== undefined });
    }
  }
  const statements = [...modules]
    .sort(([a], [b]) => compareModules(a, b))
    .map(([from, names]) => statement(from, names));
  return statements.join("") + source.slice(end);
}

const IMPORT = /import (type )?\{ ([^}]*) \} from "([^"]*)";\n/g;

interface ImportedName {
  /** `Foo` or `Foo as Foo$1` */
  readonly text: string;
  readonly typeOnly: boolean;
}

function statement(from: string, names: readonly ImportedName[]): string {
  const sorted = [...names].sort((a, b) => compareNaturally(a.text, b.text));
  const allTypes = sorted.every((name) => name.typeOnly);
  const items = sorted.map((name) => (name.typeOnly && !allTypes ? `type ${name.text}` : name.text));
  // A single name stays on the line, however long that is.
  const list = items.length === 1 ? `{ ${items[0]} }` : braces(items);
  return `import ${allTypes ? "type " : ""}${textOf(list)} from "${from}";\n`;
}

function textOf(printable: Printable): string {
  return Array.isArray(printable) ? printable.map(textOf).join("") : String(printable);
}

// biome's groups: packages, aliases, absolute paths, relative paths from the farthest folder to the nearest.
function rank(from: string): number {
  if (from.startsWith("./")) {
    return 1000;
  }
  const up = /^(?:\.\.\/)+/.exec(from);
  if (up !== null) {
    return 999 - up[0].length / 3;
  }
  if (from.startsWith("/")) {
    return 4;
  }
  if (/^(?:[#~]|@\/)/.test(from)) {
    return 3;
  }
  if (/^[a-z]+:\/\//.test(from)) {
    return 0;
  }
  return /^[a-z]+:/.test(from) ? 1 : 2;
}

function compareModules(a: string, b: string): number {
  return rank(a) - rank(b) || compareNaturally(a, b);
}

/** Compares as biome does: `a9` before `a10`, `LedgerService` before `ledger`. */
export function compareNaturally(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (isDigit(a, i) && isDigit(b, j)) {
      const [x, y] = [digitsAt(a, i), digitsAt(b, j)];
      const order = Number(x) - Number(y) || x.length - y.length;
      if (order !== 0) {
        return order;
      }
      i += x.length;
      j += y.length;
    } else {
      const order = weight(a, i++) - weight(b, j++);
      if (order !== 0) {
        return order;
      }
    }
  }
  return a.length - i - (b.length - j);
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0x30 && code <= 0x39;
}

function digitsAt(text: string, index: number): string {
  let end = index;
  while (isDigit(text, end)) {
    end++;
  }
  return text.slice(index, end);
}

// The order of characters that names and paths of modules consist of; letters come last, each capital before its small one.
const PUNCTUATION = "/._-$";

function weight(text: string, index: number): number {
  return ASCII_WEIGHTS[text.charCodeAt(index)] ?? weightOf(text.charAt(index));
}

function weightOf(character: string): number {
  const punctuation = PUNCTUATION.indexOf(character);
  if (punctuation !== -1) {
    return punctuation;
  }
  const lower = character.toLowerCase();
  return 100 + 2 * lower.charCodeAt(0) + (character === lower ? 1 : 0);
}

const ASCII_WEIGHTS = Array.from({ length: 128 }, (_, code) => weightOf(String.fromCharCode(code)));
