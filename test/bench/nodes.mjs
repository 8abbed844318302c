// The Nodes that a benchmark is run on: `--node=20,24,26`, or paths of binaries. npm has Node's binaries as packages.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

// Kept from one run to the next, and for other checkouts: a Node is 100 MB.
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "accord-bench");

/**
 * @param list majors of Node's releases, versions, or paths of binaries, divided by commas; undefined: the Node that runs this
 * @returns the path and the version of each
 */
export function nodesOf(list) {
  return (list?.split(",") ?? [process.execPath]).map((wanted) => {
    const path = wanted.includes("/") ? wanted : released(wanted);
    return { path, version: execFileSync(path, ["--version"]).toString().trim() };
  });
}

function released(version) {
  if (!/^\d+(\.\d+){0,2}$/.test(version)) {
    throw new Error(`--node=${version}: write a major release (24), a version (24.21.0) or a path with a slash`);
  }
  if (version === process.versions.node || version === process.versions.node.split(".")[0]) {
    return process.execPath;
  }
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(CACHE, `node-${version}`);
  const binary = join(folder, "node_modules", name, "bin/node");
  if (!existsSync(binary)) {
    process.stderr.write(`Installing Node ${version} …\n`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", ["install", ...flags, `${name}@${version}`], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  return binary;
}
