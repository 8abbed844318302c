import { mkdir, readFile, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { ChildProcess } from "./child-process.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Bundles are made where Node finds the packages that they import. */
const BUNDLES = join(root, "node_modules/.cache/accord-programs");

/** This repository's packages are bundled from their sources; all others are imported. */
const withSources: Plugin = {
  name: "with-sources",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "entry-point" || path.startsWith("@accord-grpc/") ? undefined : { path, external: true },
    );
  },
};

/**
 * Starts a program of the tests, written in TypeScript, in a Node process of its own (see {@link ChildProcess}).
 *
 * @param path the program, from the folder `test`: `e2e/programs/ledger.ts`
 */
export async function startProgram(
  path: string,
  args: readonly string[] = [],
  options: { readonly env?: NodeJS.ProcessEnv; readonly nodeArgs?: readonly string[] } = {},
): Promise<ChildProcess> {
  const { env, nodeArgs = [] } = options;
  return new ChildProcess(process.execPath, [...nodeArgs, await bundleProgram(path), ...args], env);
}

const bundles = new Map<string, Promise<string>>();

/**
 * Bundles a program of the tests, as {@link startProgram} does. Returns the file that Node runs.
 *
 * @param without names of source files (`end-after-streams`) whose functions are to do nothing: what would be if they weren't there
 */
export function bundleProgram(path: string, without: readonly string[] = []): Promise<string> {
  const key = [path, ...without].join();
  let made = bundles.get(key);
  if (made === undefined) {
    made = makeBundle(path, without);
    bundles.set(key, made);
  }
  return made;
}

function withoutFiles(names: readonly string[]): Plugin {
  return {
    name: "without-files",
    setup({ onLoad }) {
      for (const name of names) {
        onLoad({ filter: new RegExp(`[/\\\\]${name}\\.ts$`) }, async ({ path }) => {
          const functions = (await readFile(path, "utf8")).matchAll(/^export function (\w+)/gm);
          return { contents: [...functions].map(([, each]) => `export function ${each}() {}`).join("\n") };
        });
      }
    },
  };
}

async function makeBundle(path: string, without: readonly string[]): Promise<string> {
  const bundle = join(BUNDLES, `${[basename(path, ".ts"), ...without].join("-without-")}.mjs`);
  // Test files run at the same time, and one mustn't start what another is writing.
  const outfile = `${bundle}.${process.pid}`;
  await mkdir(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [join(root, "test", path)],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: "inline",
    conditions: ["@accord-grpc/source"],
    plugins: [withSources, withoutFiles(without)],
    logLevel: "warning",
  });
  await rename(outfile, bundle);
  return bundle;
}
