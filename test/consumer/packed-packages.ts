import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { program } from "../../scripts/programs.mjs";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");

/** What the README has users install beside the packages, in the versions that this repository has. */
const PUBLISHED = [
  "@grpc/grpc-js",
  "@bufbuild/protobuf",
  "@bufbuild/buf",
  "@bufbuild/protoc-gen-es",
  "typescript",
  "@types/node",
];

/** Packs both packages into a folder, as npm would publish them. Returns the files, as paths from there. */
export async function pack(folder: string): Promise<readonly string[]> {
  const args = ["pack", "--silent", "-w", "runtime", "-w", "plugin", "--pack-destination", folder];
  await run(...program("npm", args), { cwd: repository });
  return (await readdir(folder)).filter((name) => name.endsWith(".tgz")).map((name) => `./${name}`);
}

/** What the README has users install beside the packages, and in which versions. */
export async function publishedPackages(): Promise<Versions> {
  const { devDependencies } = await manifestIn(repository);
  const { peerDependencies } = await manifestIn(join(repository, "runtime"));
  const telemetry = "@opentelemetry/api";
  return Object.fromEntries([
    ...PUBLISHED.map((name) => [name, devDependencies[name] ?? ""] as const),
    [telemetry, peerDependencies[telemetry] ?? ""] as const,
  ]);
}

/** Packs both packages, and installs them in a project with what the README names. */
export async function installPacked(project: string, others: readonly string[] = []): Promise<void> {
  const tarballs = await pack(project);
  const published = Object.entries(await publishedPackages()).map(([name, version]) => `${name}@${version}`);
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  const npm = { cwd: project, maxBuffer: 64 << 20 };
  await run(...program("npm", ["install", ...quiet, ...tarballs, ...published, ...others]), npm);
}

/** Packages, and their versions. */
export type Versions = Readonly<Record<string, string>>;

async function manifestIn(folder: string): Promise<{ devDependencies: Versions; peerDependencies: Versions }> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}
