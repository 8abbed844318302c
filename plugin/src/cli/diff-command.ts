import type { Command, CommandArguments } from "./command.js";
import { CommandError, ExitCode } from "./command-error.js";
import { INPUT_ARGUMENT, readAnyInput, readContractInput } from "./contract-input.js";
import { diffContracts } from "./diff/contract-diff.js";
import { diffMarkdown, diffText } from "./diff/render-diff.js";
import { readVersion } from "./read-model.js";
import { COLOR_OPTIONS, textStyle } from "./text-style.js";

const FORMATS = ["text", "markdown", "json"] as const;

/** `accord diff`: what a change of a contract means to those who call. */
export const diffCommand: Command = {
  name: "diff",
  summary: "Tell what a change of a contract means to callers",
  description: [
    "Tells in plain words what changed between two versions of a contract: errors that are new or gone, deadlines, retries,",
    "sizes, who may call, what is logged; first of all what breaks. It only tells: to fail a build, run accord breaking.",
  ],
  positionals: [INPUT_ARGUMENT],
  options: [
    {
      name: "against",
      value: "INPUT",
      summary: "The older version: a folder, an image, or whatever else buf reads. Required",
    },
    { name: "format", value: "FORMAT", summary: `${FORMATS.join(", ")}. Default: text` },
    ...COLOR_OPTIONS,
  ],
  examples: [
    { what: "See what a branch changes", command: "accord diff --against '.git#branch=main'" },
    {
      what: "Write a comment for a pull request",
      command: "accord diff --against '.git#branch=main' --format=markdown > comment.md",
    },
  ],
  exitCodes: ["0: told, whatever changed", "2: an input can't be read, or has errors"],
  async run(args, io) {
    const format = readFormat(args);
    const against = args.value("against");
    if (against === undefined) {
      throw new CommandError("Compare with what? Name the older version: accord diff --against '.git#branch=main'.");
    }
    const input = args.positionals[0] ?? ".";
    if (input === "-" && against === "-") {
      throw new CommandError("Only one of the two versions can come from standard input.");
    }
    const before = await readVersion(await readAnyInput(against, io));
    const after = await readVersion(await readContractInput(input, io));
    const diff = diffContracts(before, after);
    io.stdout.write(
      {
        text: () => diffText(diff, textStyle(io, io.stdout, args)),
        markdown: () => diffMarkdown(diff),
        json: () => `${JSON.stringify(diff, undefined, 2)}\n`,
      }[format](),
    );
    return ExitCode.OK;
  },
};

function readFormat(args: CommandArguments): (typeof FORMATS)[number] {
  const value = args.value("format") ?? "text";
  const format = FORMATS.find((each) => each === value);
  if (format === undefined) {
    throw new CommandError(`--format takes ${FORMATS.join(", ")}: "${value}" is none of them.`);
  }
  return format;
}
