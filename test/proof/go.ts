import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { need } from "./command.js";
import { CACHE, PROOF } from "./folders.js";

// What runs beside a build of ours may need the machine too.
const NICE: readonly string[] = ["-n", "5"];

/**
 * Installs a Go command of a module's version, unless it is in the cache.
 *
 * @param name of its folder there; the command's own unless it says too little
 * @returns its path
 * @throws {NotRun} without Go, or if it can't be built
 */
export async function goInstall(command: string, version: string, name = basename(command)): Promise<string> {
  const folder = join(CACHE, `${name}-${version}`);
  const binary = join(folder, basename(command));
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    process.stderr.write(`Building ${command}@${version} …\n`);
    await need(`Building ${name}`, "nice", [...NICE, "go", "install", `${command}@${version}`], {
      cwd: folder,
      env: { GOBIN: folder, GOFLAGS: "-mod=mod" },
      timeoutMs: 30 * 60_000,
    });
  }
  return binary;
}

/**
 * Builds a Go command that one of our own `go.mod` files names, unless it is in the cache.
 *
 * @param folder of `go.mod`, relative to `test/proof`
 * @param flags of `go build`
 * @throws {NotRun} without Go, or if it can't be built
 */
export async function goBuild(
  folder: string,
  version: string,
  command: string,
  flags: readonly string[] = [],
): Promise<string> {
  const binary = join(CACHE, `${basename(command)}-${version}`, basename(command));
  if (!existsSync(binary)) {
    mkdirSync(dirname(binary), { recursive: true });
    process.stderr.write(`Building ${command}@${version} …\n`);
    await need(`Building ${command}`, "nice", [...NICE, "go", "build", ...flags, "-o", binary, command], {
      cwd: join(PROOF, folder),
      timeoutMs: 30 * 60_000,
    });
  }
  return binary;
}

/**
 * Builds a Go program of ours, in a folder with a `go.mod`. Go's own cache knows whether there is anything to do.
 *
 * @param name of its folder in the cache
 * @returns its path
 * @throws {NotRun} without Go, or if it can't be built
 */
export async function goPackage(folder: string, name: string): Promise<string> {
  const binary = join(CACHE, name, "peer");
  mkdirSync(dirname(binary), { recursive: true });
  await need(`Building ${name}`, "nice", [...NICE, "go", "build", "-o", binary, "."], { cwd: folder });
  return binary;
}

/** Where a Go module's files are. */
export async function goModule(module: string, version: string): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  const found = await need(`Downloading ${module}`, "go", ["mod", "download", "-json", `${module}@${version}`], {
    cwd: CACHE,
  });
  return (JSON.parse(found) as { readonly Dir: string }).Dir;
}
