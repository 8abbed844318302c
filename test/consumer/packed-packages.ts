import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

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

/** Packs both packages as npm would publish them, and installs them in a project with what the README names. */
export async function installPacked(project: string, others: readonly string[] = []): Promise<void> {
  const pack = ["pack", "--silent", "-w", "runtime", "-w", "plugin", "--pack-destination", project];
  await run("npm", pack, { cwd: repository });
  const tarballs = (await readdir(project)).filter((name) => name.endsWith(".tgz")).map((name) => `./${name}`);
  const { devDependencies } = await manifestIn(repository);
  const { peerDependencies } = await manifestIn(join(repository, "runtime"));
  const published = [
    ...PUBLISHED.map((name) => `${name}@${devDependencies[name]}`),
    `@opentelemetry/api@${peerDependencies["@opentelemetry/api"]}`,
  ];
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  const npm = { cwd: project, maxBuffer: 64 << 20 };
  await run("npm", ["install", ...quiet, ...tarballs, ...published, ...others], npm);
}

type Versions = Readonly<Record<string, string>>;

async function manifestIn(folder: string): Promise<{ devDependencies: Versions; peerDependencies: Versions }> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}
