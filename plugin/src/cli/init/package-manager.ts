import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** How a package manager is told what to do. */
export interface PackageManager {
  readonly name: "npm" | "pnpm" | "yarn" | "bun";
  /** Before the name of a command that a dependency brings: `npx buf lint`. */
  readonly exec: string;
  readonly runScript: string;
  readonly add: string;
  readonly addDev: string;
  /** Installs what the lock file says. */
  readonly cleanInstall: string;
}

const NPM: PackageManager = {
  name: "npm",
  exec: "npx",
  runScript: "npm run",
  add: "npm install",
  addDev: "npm install --save-dev",
  cleanInstall: "npm ci",
};
const PNPM: PackageManager = {
  name: "pnpm",
  exec: "pnpm exec",
  runScript: "pnpm run",
  add: "pnpm add",
  addDev: "pnpm add --save-dev",
  cleanInstall: "pnpm install --frozen-lockfile",
};
const BUN: PackageManager = {
  name: "bun",
  exec: "bunx",
  runScript: "bun run",
  add: "bun add",
  addDev: "bun add --dev",
  cleanInstall: "bun install --frozen-lockfile",
};
const YARN_CLASSIC: PackageManager = {
  name: "yarn",
  exec: "yarn run",
  runScript: "yarn run",
  add: "yarn add",
  addDev: "yarn add --dev",
  cleanInstall: "yarn install --frozen-lockfile",
};
const YARN: PackageManager = { ...YARN_CLASSIC, cleanInstall: "yarn install --immutable" };

/**
 * The package manager of a project: that which `packageManager` in a package.json names, else that whose lock file is
 * there, in the folder or around it (as in a workspace), else that which runs this command, else npm.
 *
 * @param userAgent `npm_config_user_agent`, which package managers set for what they run
 */
export function packageManagerOf(folder: string, userAgent = ""): PackageManager {
  for (let at = folder; ; at = dirname(at)) {
    const found = fromManifest(join(at, "package.json")) ?? fromFiles(at);
    if (found !== undefined) {
      return found;
    }
    if (dirname(at) === at || existsSync(join(at, ".git"))) {
      return fromText(userAgent.replace("/", "@")) ?? NPM;
    }
  }
}

/** Whether the package.json in a folder names a package manager with its version. */
export function namesPackageManager(folder: string): boolean {
  return fromManifest(join(folder, "package.json")) !== undefined;
}

function fromManifest(path: string): PackageManager | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
    const named = typeof manifest === "object" && manifest !== null && "packageManager" in manifest;
    return named ? fromText(String(manifest.packageManager)) : undefined;
  } catch {
    return undefined;
  }
}

/** `yarn@4.1.0` */
function fromText(text: string): PackageManager | undefined {
  const [, name, major] = /^(npm|pnpm|yarn|bun)@(\d+)/.exec(text) ?? [];
  switch (name) {
    case "yarn":
      return major === "1" ? YARN_CLASSIC : YARN;
    case "pnpm":
      return PNPM;
    case "npm":
      return NPM;
    case "bun":
      return BUN;
    default:
      return undefined;
  }
}

function fromFiles(folder: string): PackageManager | undefined {
  const has = (...names: string[]) => names.some((name) => existsSync(join(folder, name)));
  if (has("pnpm-lock.yaml", "pnpm-workspace.yaml")) {
    return PNPM;
  }
  if (has("yarn.lock", ".yarnrc.yml", ".pnp.cjs")) {
    return has(".yarnrc.yml", ".pnp.cjs") ? YARN : YARN_CLASSIC;
  }
  if (has("bun.lock", "bun.lockb")) {
    return BUN;
  }
  return has("package-lock.json", "npm-shrinkwrap.json") ? NPM : undefined;
}
