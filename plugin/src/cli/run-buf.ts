import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { MAX_INPUT_BYTES, MAX_INPUT_TEXT } from "../bounded-input.js";
import type { CliIo } from "./cli-io.js";
import { CommandError } from "./command-error.js";

/**
 * Runs buf in the user's folder: the one that is installed in `node_modules` there or above it, else the one on the PATH.
 *
 * @param command buf's: `build`
 * @param options our own, never a user's
 * @param input what a user named. It is handed over where it can't be an option.
 * @returns what it wrote to standard output
 * @throws CommandError if there is no buf, if it fails, with what it said, or writes more than the limit of all input
 */
export function runBuf(command: string, options: readonly string[], input: string, io: CliIo): Promise<Uint8Array> {
  const [program, ...start] = findBuf(io.cwd);
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...start, command, ...options, "--", input], {
      cwd: io.cwd,
      env: { ...io.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    let length = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_INPUT_BYTES) {
        child.kill("SIGKILL");
        reject(new CommandError(`What buf makes of ${input} is larger than ${MAX_INPUT_TEXT}.`));
      } else {
        output.push(chunk);
      }
    });
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    child.on("error", (error) => reject(cannotStart(error)));
    child.on("close", (code) => {
      if (code === 0) {
        resolve(Buffer.concat(output));
        return;
      }
      const said = Buffer.concat(errors).toString("utf8").trimEnd().split("\n");
      reject(new CommandError(`buf ${command} failed:`, { details: [...said, ...hintsFor(said)] }));
    });
  });
}

// npm's package runs its binary from this script, on every system; `node_modules/.bin` would need a shell on Windows.
const INSTALLED = join("node_modules", "@bufbuild", "buf", "bin", "buf");

function findBuf(from: string): [string, ...string[]] {
  for (let folder = from; ; folder = dirname(folder)) {
    const script = join(folder, INSTALLED);
    if (existsSync(script)) {
      return [process.execPath, script];
    }
    if (dirname(folder) === folder) {
      return ["buf"];
    }
  }
}

/** What helps with a mistake that everybody makes once. */
function hintsFor(said: readonly string[]): string[] {
  return said.some((line) => line.includes("`accord.v1."))
    ? [
        "",
        'buf doesn\'t know the contract language here. Files import it as "accord/v1/options.proto": `accord init` writes it among your',
        "protos. If it is there, name the folder with buf.yaml, or a module in it.",
      ]
    : [];
}

function cannotStart(error: Error): CommandError {
  const missing = "code" in error && error.code === "ENOENT";
  return new CommandError(
    missing
      ? "buf is needed to compile protos, and it is neither in node_modules nor on the PATH. Install it with `npm install --save-dev @bufbuild/buf`, " +
          "or pass a descriptor set that protoc made: `protoc --include_imports --include_source_info -o image.binpb …`."
      : `buf can't be started: ${error.message}`,
    { cause: error },
  );
}
