import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runtimeSources } from "../../scripts/runtime-sources.mjs";
import { run } from "./command.js";
import { BUILD, GEN, PROOF, ROOT } from "./folders.js";

/** Protos to generate code of, for one suite. */
export interface ProtoSource {
  /** Folders whose `.proto` files are taken, as if they were one. */
  readonly folders: readonly string[];
  /** The files and folders to take of them; left out: all. */
  readonly only?: readonly string[];
  /** Options of protoc-gen-accord. */
  readonly accord?: readonly string[];
}

/**
 * Generates a suite's code with this checkout's plugin, into `gen/<name>`. It isn't committed: what is proven is today's generator.
 *
 * @throws {Error} if the protos can't be generated
 */
export async function generate(name: string, { folders, only = [""], accord = [] }: ProtoSource): Promise<void> {
  const protos = join(BUILD, "protos", name);
  rmSync(protos, { recursive: true, force: true });
  mkdirSync(protos, { recursive: true });
  for (const folder of folders) {
    for (const path of only.filter((name) => existsSync(join(folder, name)))) {
      cpSync(join(folder, path), join(protos, path), { recursive: true });
    }
  }
  // A module's folder in Go's cache can't be written to, and neither can its copy.
  await run("chmod", ["-R", "u+w", protos]);
  const out = join(GEN, name);
  const options = ["target=ts", "import_extension=js"];
  const template = {
    version: "v2",
    clean: true,
    plugins: [
      { local: "protoc-gen-es", out, opt: options, include_imports: true },
      { local: "protoc-gen-accord", out, opt: [...options, ...accord], strategy: "all" },
    ],
  };
  await buf(name, ["generate", "--template", JSON.stringify(template)]);
}

/**
 * Runs buf on the protos of a suite, for which {@link generate} was called before.
 *
 * @throws {Error} if it fails
 */
export async function buf(name: string, [command = "", ...args]: readonly string[]): Promise<void> {
  const modules = { version: "v2", modules: [{ path: `test/proof/build/protos/${name}` }, { path: "proto" }] };
  const { code, stderr } = await run("buf", [command, "--config", JSON.stringify(modules), ...args], {
    cwd: ROOT,
    env: { PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}` },
  });
  if (code !== 0) {
    throw new Error(`buf ${command} failed for the protos of ${name}:\n${stderr}`);
  }
}

/**
 * Bundles a program of a suite with the runtime's sources, so that nothing has to be built before it.
 *
 * @param source relative to `test/proof`
 * @returns the path of what Node runs
 */
export async function bundle(source: string): Promise<string> {
  const outfile = join(BUILD, dirname(source), basename(source).replace(/\.ts$/, ".js"));
  // Here, so that the pages' test, which reads the list of suites, doesn't load it.
  const { build } = await import("esbuild");
  await build({
    entryPoints: [join(PROOF, source)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: "linked",
    alias: runtimeSources(join(ROOT, "runtime")),
    logLevel: "warning",
  });
  if (!existsSync(outfile)) {
    throw new Error(`${source} wasn't bundled`);
  }
  return outfile;
}
