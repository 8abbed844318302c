import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const REPOSITORY: string = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(REPOSITORY, "node_modules/.cache/accord-matrix");

/** What the runtime's peers may be at their lowest: the beginning of each range in its manifest. */
async function lowestPeers(): Promise<string[]> {
  const { peerDependencies } = JSON.parse(await readFile(join(REPOSITORY, "runtime/package.json"), "utf8")) as {
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  return Object.entries(peerDependencies).map(([name, range]) => `${name}@${range.replace(/^[~^]/, "")}`);
}

/** Installs packages of npm's, once. Returns their `node_modules`. @throws {Error} if npm can't */
export async function installed(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(CACHE, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true }));
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", "--legacy-peer-deps"];
  await run("npm", ["install", ...flags, ...packages], { cwd: folder });
  return join(folder, "node_modules");
}

/**
 * A copy of the repository, whose packages find the lowest peers: `newest` is the repository itself, which has the newest.
 *
 * @throws {Error} if npm has them not
 */
export async function repositoryWith(peers: "lowest" | "newest"): Promise<string> {
  if (peers === "newest") {
    return REPOSITORY;
  }
  const packages = await lowestPeers();
  const modules = await installed("lowest-peers", packages);
  const copy = join(CACHE, "lowest");
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  const { stdout } = await run("git", ["ls-files", "-z"], { cwd: REPOSITORY, maxBuffer: 64 << 20 });
  for (const path of stdout.split("\0").filter(Boolean)) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await cp(join(REPOSITORY, path), join(copy, path), { verbatimSymlinks: true }).catch(ignoreDeleted);
  }
  // Hard links: node_modules are large. What is replaced below is removed first, and nothing is written to.
  await mkdir(join(copy, "node_modules"));
  const entries = (await readdir(join(REPOSITORY, "node_modules"))).filter((entry) => entry !== ".cache");
  await run("cp", [
    "-al",
    ...entries.map((entry) => join(REPOSITORY, "node_modules", entry)),
    join(copy, "node_modules"),
  ]);
  for (const name of packages.map((each) => each.slice(0, each.lastIndexOf("@")))) {
    await rm(join(copy, "node_modules", name), { recursive: true, force: true });
    await cp(join(modules, name), join(copy, "node_modules", name), { recursive: true });
  }
  return copy;
}

// A tracked file that isn't there any more.
function ignoreDeleted(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") {
    throw error;
  }
}
