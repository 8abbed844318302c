import { statSync } from "node:fs";
import { resolve } from "node:path";
import { irregularKind, readRegularFile } from "../bounded-input.js";
import { annotatedFiles } from "../contract.js";
import type { ProtoSources } from "../read/source/proto-sources.js";
import { sourcesIn } from "../sources-in-folder.js";
import { messageOf } from "../thrown-message.js";
import type { CliIo } from "./cli-io.js";
import type { CommandPositional } from "./command.js";
import { CommandError } from "./command-error.js";
import { type Descriptors, decodeDescriptors } from "./decode-descriptors.js";
import { runBuf } from "./run-buf.js";
import { checkUnpackedSize } from "./unpacked-size.js";

/** The argument that says where the protos are. */
export const INPUT_ARGUMENT: CommandPositional = {
  name: "input",
  summary: "A folder that buf builds (default: .), a .proto file, an image or descriptor set, or - for stdin",
};

/** Descriptors, and where their files are. */
export interface ContractInput extends Descriptors {
  /** What messages call it: `proto`, `standard input`. */
  readonly origin: string;
  /**
   * The paths of files as a person in the current folder would type them, by the paths that the compiler gives them:
   * `ledger/v1/ledger.proto` → `proto/ledger/v1/ledger.proto`. Only for what buf compiled.
   */
  localPaths(): Promise<ReadonlyMap<string, string>>;
  /** The texts of the files, as far as they are in the folder, or in the current one. */
  readonly sources: ProtoSources;
}

/**
 * Reads the protos that a command works on. Binary files and standard input are read as they are; all else is for buf to
 * compile or fetch.
 *
 * @throws CommandError if it can't be read or compiled, isn't a descriptor set, or has no services
 */
export async function readContractInput(input: string, io: CliIo): Promise<ContractInput> {
  const contract = await readAnyInput(input, io);
  const own = contract.files.filter(({ proto }) => contract.toGenerate.has(proto.name));
  if (!own.some(({ services }) => services.length > 0)) {
    throw new CommandError(`${contract.origin} has no services in it, so there is no contract to read.`);
  }
  return contract;
}

/**
 * The same for protos that may have no services: those of an older version, before there were any.
 *
 * @throws CommandError if it can't be read or compiled, or isn't a descriptor set
 */
export async function readAnyInput(input: string, io: CliIo): Promise<ContractInput> {
  const source = await readSource(input, io);
  const descriptors = decodeDescriptors(source.bytes, source.origin);
  // What is annotated from the user's own files is the user's to check, wherever it comes from.
  const toGenerate = new Set([...descriptors.toGenerate, ...annotatedFiles(descriptors.files, descriptors.toGenerate)]);
  return { ...descriptors, toGenerate, ...source, sources: sourcesIn(...foldersOf(input, io)) };
}

/** Where the texts may be: in the folder that was named, and in the current one. */
function foldersOf(input: string, { cwd }: CliIo): string[] {
  const path = resolve(cwd, input);
  return path !== cwd && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? [path, cwd] : [cwd];
}

interface Source {
  readonly bytes: Uint8Array;
  readonly origin: string;
  readonly localPaths: ContractInput["localPaths"];
}

async function readSource(input: string, io: CliIo): Promise<Source> {
  const localPaths = async () => new Map<string, string>();
  if (input === "-") {
    if (io.stdinIsTerminal) {
      throw new CommandError(
        "A descriptor set is expected on standard input, and that is the terminal: `buf build -o - | accord lint -`.",
      );
    }
    const bytes = await attempt("Standard input", () => io.readStdin());
    return { bytes, origin: "standard input", localPaths };
  }
  checkNoFlag(input);
  const path = resolve(io.cwd, localPart(input));
  const stat = await attempt(input, () => statSync(path, { throwIfNoEntry: false }));
  if (stat === undefined && !isRemote(input)) {
    throw new CommandError(`There is no ${input} in ${io.cwd}.`);
  }
  const kind = stat && irregularKind(stat);
  if (kind !== undefined) {
    throw new CommandError(
      `${input} is ${kind}, and a file or a folder is expected. What another program writes is read from standard input: \`… | accord lint -\`.`,
    );
  }
  if (stat?.isFile() === true) {
    if (!isForBuf(input)) {
      return { bytes: await attempt(input, () => readRegularFile(path)), origin: input, localPaths };
    }
    await attempt(input, () => checkUnpackedSize(path));
  }
  return {
    bytes: await runBuf("build", ["-o", "-"], input, io),
    origin: input === "." ? "The current folder" : input,
    localPaths: () => listLocalPaths(input, io),
  };
}

/** What comes before buf's own options: `.git` of `.git#branch=main,subdir=proto`. */
function localPart(input: string): string {
  return input.replace(/#.*$/s, "");
}

/**
 * buf gets an input behind `--`, and so for an input. But what begins with a dash is a mistake nearly always; and what stands in
 * a repository's address or behind `#` goes on to git.
 */
function checkNoFlag(input: string): void {
  if (input.startsWith("-")) {
    throw new CommandError(
      `"${input}" looks like an option, where an input is expected. A path that begins with a dash is written ./${input}.`,
    );
  }
  const rest = /(?:^[\w+.-]+@|:\/\/(?:[^/#]*@)?|#.*?[=,]|#)(-[^,]*)/s.exec(input)?.[1];
  if (rest !== undefined) {
    throw new CommandError(
      `"${input}" names "${rest}", which git would take for an option. A name in an input can't begin with a dash.`,
    );
  }
}

async function attempt<Value>(input: string, read: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    const reason = messageOf(error);
    throw new CommandError(`${input} can't be read: ${reason}.`, { cause: error });
  }
}

/** Files that aren't descriptor sets, and that buf reads all the same: sources, archives, images as text. */
function isForBuf(input: string): boolean {
  return /\.(?:proto|json|ya?ml|txtpb|zip|tar|tgz|git)$|\.tar\.\w+$|#/.test(input);
}

/** What buf fetches itself: modules (`buf.build/owner/name`), repositories, anything with a format. */
function isRemote(input: string): boolean {
  return /:\/\/|#|\.git$|^[\w-]+(?:\.[\w-]+)+\/[\w.-]+\/[\w.-]+(?::\S+)?$|^git@/.test(input);
}

async function listLocalPaths(input: string, io: CliIo): Promise<ReadonlyMap<string, string>> {
  const lines = Buffer.from(await runBuf("ls-files", ["--format", "json"], input, io)).toString("utf8");
  const paths = new Map<string, string>();
  for (const line of lines.split("\n").filter((text) => text !== "")) {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null && "path" in entry && "import_path" in entry) {
      paths.set(String(entry.import_path), String(entry.path));
    }
  }
  return paths;
}
