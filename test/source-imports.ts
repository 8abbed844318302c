import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

/** That one file imports another; both as paths below their folder, with slashes. Imports of types count. */
export interface SourceImport {
  readonly from: string;
  readonly to: string;
}

const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** All that the files below a folder import of each other. Tests may import what they test, and are left out. */
export function importsBelow(folder: string): readonly SourceImport[] {
  return sourcesBelow(folder).flatMap((from) => {
    const source = readFileSync(join(folder, from), "utf8");
    return [...source.matchAll(IMPORT)].map(([, specifier = ""]) => ({
      from,
      to: slashed(relative(folder, resolve(folder, dirname(from), specifier.replace(/\.js$/, ".ts")))),
    }));
  });
}

/** The TypeScript files below a folder, without tests. */
export function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/\.(?:test|suite|attack|fixture)\.ts$/.test(path))
    .map(slashed);
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

/** The first circle of imports that is found, as the files on it; `undefined` if there is none. */
export function circleOf(imports: readonly SourceImport[]): readonly string[] | undefined {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) {
    targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): readonly string[] | undefined => {
    if (path.includes(file)) {
      return [...path.slice(path.indexOf(file)), file];
    }
    if (done.has(file)) {
      return undefined;
    }
    path.push(file);
    for (const target of targets.get(file) ?? []) {
      const circle = visit(target);
      if (circle !== undefined) {
        return circle;
      }
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const circle = visit(file);
    if (circle !== undefined) {
      return circle;
    }
  }
  return undefined;
}
