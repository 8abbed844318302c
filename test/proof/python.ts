import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { need } from "./command.js";
import { CACHE } from "./folders.js";

/**
 * Installs PyPI's packages into a folder of their own, unless they are in the cache.
 *
 * @param name of the folder: it has the version
 * @param wanted as pip takes it: `grpcio==1.85.1`
 * @returns the folder, for PYTHONPATH
 * @throws {NotRun} without Python and pip, or if they can't be installed
 */
export async function pythonPackages(name: string, wanted: readonly string[]): Promise<string> {
  const folder = join(CACHE, name);
  if (!existsSync(join(folder, "complete"))) {
    mkdirSync(folder, { recursive: true });
    process.stderr.write(`Installing ${wanted.join(", ")} …\n`);
    await need(`Installing ${name}`, "python3", [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target", folder],
      ...wanted,
    ]);
    mkdirSync(join(folder, "complete"));
  }
  return folder;
}
