import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { messageOf } from "../../thrown-message.js";
import { CommandError } from "../command-error.js";
import { moduleFolders, workFolders } from "./buf-modules.js";
import { namesPackageManager, type PackageManager, packageManagerOf } from "./package-manager.js";

/** The folder that `accord init` sets up, and what is there already. */
export interface Project {
  readonly folder: string;
  /** Where the user's protos are, from the folder, with `/`. */
  readonly protoFolder: string;
  /** The work tree that the folder is in; undefined if it is in none. */
  readonly gitRoot: string | undefined;
  /** The folder, from the work tree's top, with `/`; `.` for the top. */
  readonly inRepository: string;
  readonly packageManager: PackageManager;
  /** Whether the package.json at the work tree's top says which package manager it is, in which version: CI looks there. */
  readonly namesPackageManager: boolean;
  /** Whether packages are in no `node_modules`, but where yarn's Plug'n'Play finds them. */
  readonly plugAndPlay: boolean;
  /** The text of a file of the project's; undefined if there is none. */
  read(path: string): string | undefined;
}

/**
 * Looks at a project.
 *
 * @param wanted the folder for protos that the user has named
 * @throws CommandError if that is none
 */
export function lookAtProject(
  folder: string,
  wanted: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Project {
  const read = (path: string): string | undefined => readText(join(folder, path));
  const gitRoot = findGitRoot(folder);
  return {
    folder,
    protoFolder: protoFolderOf(folder, wanted, read),
    gitRoot,
    inRepository: gitRoot === undefined ? "." : slashed(relative(gitRoot, folder)) || ".",
    packageManager: packageManagerOf(folder, env.npm_config_user_agent),
    namesPackageManager: namesPackageManager(gitRoot ?? folder),
    plugAndPlay: foldersUpTo(gitRoot ?? folder, folder).some((each) => existsSync(join(each, ".pnp.cjs"))),
    read,
  };
}

function protoFolderOf(folder: string, wanted: string | undefined, read: Project["read"]): string {
  if (wanted !== undefined) {
    const path = slashed(relative(folder, join(folder, wanted))) || ".";
    if (path.split("/")[0] === "..") {
      throw new CommandError(`--proto names a folder outside of ${folder}: run the command in the folder around it.`);
    }
    return path;
  }
  const bufYaml = read("buf.yaml");
  const bufWork = read("buf.work.yaml");
  const modules = bufYaml === undefined ? (bufWork === undefined ? [] : workFolders(bufWork)) : moduleFolders(bufYaml);
  const usual = ["proto", "protos"].find((name) => isFolder(join(folder, name)));
  return modules.map((path) => path.replace(/^\.\//, "").replace(/\/$/, "") || ".")[0] ?? usual ?? "proto";
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") {
      return undefined;
    }
    throw new CommandError(`${path} can't be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function findGitRoot(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) {
      return folder;
    }
    if (dirname(folder) === folder) {
      return undefined;
    }
  }
}

/** A folder and those around it, up to one of them. */
function foldersUpTo(top: string, folder: string): string[] {
  return folder === top || dirname(folder) === folder ? [folder] : [folder, ...foldersUpTo(top, dirname(folder))];
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}
