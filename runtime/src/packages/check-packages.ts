import { Metadata } from "@grpc/grpc-js";
import { trace } from "@opentelemetry/api";
import type { Logger } from "../log/logger.js";
import { type LoadedCopy, loadedCopies, loadedModules, type MainModule, type ModuleCache } from "./loaded-copies.js";

const GRPC_JS: MainModule = { name: "@grpc/grpc-js", main: "build/src/index.js" };
const OPENTELEMETRY: MainModule = { name: "@opentelemetry/api", main: "build/src/index.js" };

/** The versions of grpc-js that the runtime was tested with: its peer dependency. */
export const GRPC_JS_RANGE = { least: [1, 14, 5], below: [1, 15, 0], text: "~1.14.5" } as const;

/** What of a package can't be told by itself: which of its copies is the runtime's own, and what a second one breaks. */
interface Package {
  readonly module: MainModule;
  readonly isOwn: (copy: LoadedCopy) => boolean;
  readonly broken: string;
}

const PACKAGES: readonly Package[] = [
  {
    module: GRPC_JS,
    isOwn: ({ exports }) => (exports as { readonly Metadata?: unknown }).Metadata === Metadata,
    broken: "metadata and credentials of one aren't taken by the other",
  },
  {
    module: OPENTELEMETRY,
    isOwn: ({ exports }) => (exports as { readonly trace?: unknown }).trace === trace,
    broken: "spans and metrics may go nowhere",
  },
];

/** What the process has loaded beside the runtime, and what is wrong with it. */
export interface PackageReport {
  /** Why nothing may start. */
  readonly refusal: string | undefined;
  /** What the log should say, a line each. */
  readonly warnings: readonly string[];
}

/**
 * Looks at the packages that are loaded, and at what runs them. What a bundler has put into one file can't be seen, and is fine.
 *
 * @param versions of the process: Bun adds itself to those of Node
 */
export function inspectPackages(
  modules: ModuleCache,
  versions: NodeJS.ProcessVersions = process.versions,
): PackageReport {
  const found = PACKAGES.map((each) => ({ ...each, copies: loadedCopies(each.module, modules) }));
  const warnings = [
    ...bunFault(versions),
    ...found.flatMap(({ module, isOwn, broken, copies }) => secondCopy(module.name, copies, isOwn, broken)),
  ];
  const grpcJs = found[0]?.copies.find(PACKAGES[0]?.isOwn ?? (() => false));
  const { refusal, warning } = grpcJs === undefined ? {} : grpcJsFault(grpcJs);
  return { refusal, warnings: warning === undefined ? warnings : [warning, ...warnings] };
}

let seen = -1;

/**
 * Looks at the packages that are loaded, if there are others than when it was last done: some come later. Servers and channels call it
 * before they begin.
 *
 * @param logger is told what is wrong and can be lived with, once
 * @throws {Error} if the version of grpc-js that is there has a hole that is known
 */
export function checkPackages(logger: Logger): void {
  const modules = loadedModules();
  const count = Object.keys(modules).length;
  if (count === seen) {
    return;
  }
  const { refusal, warnings } = inspectPackages(modules);
  if (refusal !== undefined) {
    throw new Error(refusal);
  }
  seen = count;
  for (const text of warnings.filter((each) => !told.has(each))) {
    told.add(text);
    logger.warn({}, `packages: ${text}`);
  }
}

const told = new Set<string>();

function secondCopy(
  name: string,
  copies: readonly LoadedCopy[],
  isOwn: (copy: LoadedCopy) => boolean,
  broken: string,
): string[] {
  if (copies.length < 2) {
    return [];
  }
  const own = copies.find(isOwn);
  const list = copies.map((copy) => `${copy.version} in ${copy.folder}${copy === own ? " (the runtime's)" : ""}`);
  const wanted = own === undefined ? name : `${name}@${own.version}`;
  return [
    `${copies.length} copies of ${name} are loaded, ${list.join(", ")}: ${broken}. Install one: npm install ${wanted}, ` +
      `npm dedupe; \`npm ls ${name}\` says who brings the other`,
  ];
}

/** What was seen on Bun 1.4; `docs/limits.md` has it in full. */
function bunFault({ bun }: NodeJS.ProcessVersions): string[] {
  return bun === undefined
    ? []
    : [
        `Bun ${bun} isn't supported: its node:http2 stalls where a connection's window is set, and counts no bytes, so that connections ` +
          "at work are taken for dead. Run this on Node or Deno",
      ];
}

interface GrpcJsFault {
  readonly refusal?: string;
  readonly warning?: string;
}

function grpcJsFault({ version, folder }: LoadedCopy): GrpcJsFault {
  const { least, below, text } = GRPC_JS_RANGE;
  const install = `npm install @grpc/grpc-js@${text}`;
  if (isBefore(version, least)) {
    return {
      refusal:
        `@grpc/grpc-js ${version} in ${folder} has known holes: a message whose gzip is broken ends the process (up to 1.14.3), and ` +
        `certificates of foreign CAs are taken (up to 1.14.4). Install a later one: ${install}`,
    };
  }
  return isBefore(version, below)
    ? {}
    : {
        warning: `@grpc/grpc-js ${version} in ${folder} is later than this runtime was tested with. Install the one that was: ${install}`,
      };
}

function isBefore(version: string, limit: readonly number[]): boolean {
  const numbers = version.split(/[.+-]/, 3).map(Number);
  const index = limit.findIndex((number, at) => number !== numbers[at]);
  return index !== -1 && (numbers[index] ?? 0) < (limit[index] ?? 0);
}
