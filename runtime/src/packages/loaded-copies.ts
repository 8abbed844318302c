import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** A package that this process has loaded. */
export interface LoadedCopy {
  readonly version: string;
  /** The folder it was loaded from. */
  readonly folder: string;
  /** What it exports. */
  readonly exports: unknown;
}

/** Where a CommonJS package's main module is: all of Node's programs, ESM too, have such packages in one cache. */
export interface MainModule {
  readonly name: string;
  readonly main: string;
}

/** Every module by its file; what a bundler has put into one file isn't among them. */
export type ModuleCache = Readonly<Record<string, { readonly exports: unknown } | undefined>>;

/** The modules that were loaded as CommonJS, by whomever; none where there is no such cache. */
export function loadedModules(): ModuleCache {
  try {
    return createRequire(process.execPath).cache;
  } catch {
    return {};
  }
}

/** The copies of a package that are loaded, with their versions. */
export function loadedCopies({ name, main }: MainModule, modules: ModuleCache): LoadedCopy[] {
  const end = `/node_modules/${name}/${main}`;
  return Object.entries(modules).flatMap(([path, module]) => {
    const slashed = path.replaceAll("\\", "/");
    if (module === undefined || !slashed.endsWith(end)) {
      return [];
    }
    const folder = path.slice(0, path.length - main.length - 1);
    const version = versionIn(folder);
    return version === undefined ? [] : [{ version, folder, exports: module.exports }];
  });
}

function versionIn(folder: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { readonly version?: unknown };
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
