import { writeSync } from "node:fs";
import { readStream } from "../bounded-input.js";
import type { CliOutput } from "./cli-io.js";
import { ExitCode } from "./command-error.js";
import { main } from "./main.js";

/**
 * Runs the `accord` command in this process, with its streams. For the script in `bin/`.
 *
 * Ctrl-C ends it without a word, with 130; a command that serves ends in its own time, unless it comes again. A reader that leaves (`accord explain | head`) doesn't disturb it; output that
 * can't be written for another reason, as on a full disk, ends it with 2.
 *
 * @param argv the arguments behind the command's name
 * @returns the exit code
 * @throws only what is a defect of the command
 */
export function runCli(argv: readonly string[]): Promise<ExitCode> {
  let stop: (() => void) | undefined;
  const stopWith = (code: number) => () => {
    if (stop === undefined) {
      process.exit(code);
    }
    stop();
    stop = undefined;
  };
  process.on("SIGINT", stopWith(130));
  process.on("SIGTERM", stopWith(143));
  return main(argv, {
    untilStopped: () =>
      new Promise((resolve) => {
        stop = resolve;
      }),
    cwd: process.cwd(),
    env: process.env,
    readStdin: () => readStream(process.stdin),
    stdinIsTerminal: process.stdin.isTTY === true,
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
  });
}

function outputOf(stream: NodeJS.WriteStream): CliOutput {
  let open = true;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    open = false;
    if (error.code !== "EPIPE") {
      try {
        writeSync(process.stderr.fd, `accord: the output can't be written: ${error.message}\n`);
      } finally {
        process.exit(ExitCode.FAILED);
      }
    }
  });
  return {
    write: (text) => {
      if (open) {
        stream.write(text);
      }
    },
    isTerminal: stream.isTTY === true,
    columns: stream.columns,
  };
}
