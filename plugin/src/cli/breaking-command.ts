import { nearest } from "@accord-grpc/runtime/contract";
import { compareContracts } from "./breaking/compare-contracts.js";
import { CHANGE_RULES } from "./breaking/contract-change.js";
import type { Command, CommandArguments } from "./command.js";
import { CommandError, ExitCode } from "./command-error.js";
import { INPUT_ARGUMENT, readAnyInput, readContractInput } from "./contract-input.js";
import { countFindings, countWords, localFindings, printFindings, printJson } from "./diagnostic-lines.js";
import { ERROR_FORMAT_OPTIONS, errorFormat, githubAnnotation } from "./error-format.js";
import { readVersion } from "./read-model.js";
import { COLOR_OPTIONS, plainLine, textStyle } from "./text-style.js";

/** `accord breaking`: what a change of a contract breaks. */
export const breakingCommand: Command = {
  name: "breaking",
  summary: "Compare a contract with an older one",
  description: [
    "Prints what a contract breaks for those who rely on an older version of it: error codes, statuses and metadata that",
    "changed, retries that grew, deadlines that shrank, fields that are no longer redacted, and so on. Messages, fields and",
    "methods are buf breaking's to compare; run both.",
  ],
  positionals: [INPUT_ARGUMENT],
  options: [
    {
      name: "against",
      value: "INPUT",
      summary: "The older version: a folder, an image, or whatever else buf reads. Required",
    },
    { name: "except", value: "RULE", multiple: true, summary: "Leave out this rule; may be given several times" },
    ...ERROR_FORMAT_OPTIONS,
    ...COLOR_OPTIONS,
  ],
  examples: [
    {
      what: "Compare with the main branch",
      command: "accord breaking proto --against '.git#branch=main,subdir=proto'",
    },
    { what: "Compare with an image that was kept", command: "accord breaking --against released.binpb" },
    {
      what: "Say nothing of errors that are new",
      command: "accord breaking --against released.binpb --except RAISE_ADDED",
    },
  ],
  exitCodes: [
    "0: nothing breaks, or only builds do (warnings)",
    "1: something breaks",
    "2: an input can't be read, or has errors",
  ],
  async run(args, io) {
    const against = args.value("against");
    if (against === undefined) {
      throw new CommandError(
        "Compare with what? Name the older version: accord breaking --against '.git#branch=main'.",
      );
    }
    const format = errorFormat(args);
    const except = readExceptions(args);
    const input = args.positionals[0] ?? ".";
    if (input === "-" && against === "-") {
      throw new CommandError("Only one of the two versions can come from standard input.");
    }
    const before = await readVersion(await readAnyInput(against, io));
    const now = await readContractInput(input, io);
    const changes = compareContracts(before, await readVersion(now), now.sources).filter(
      ({ rule }) => !except.has(rule),
    );
    const found = changes.length === 0 ? [] : localFindings(changes, await now.localPaths());
    const counts = countFindings(found);
    const code = counts.errors > 0 ? ExitCode.FOUND : ExitCode.OK;
    if (format === "json") {
      printJson({ changes: found, ...counts }, io);
      return code;
    }
    if (format === "github-actions") {
      io.stdout.write(found.map(githubAnnotation).join(""));
    } else {
      printFindings(found, textStyle(io, io.stdout, args), io);
    }
    const style = textStyle(io, io.stderr, args);
    const paint = counts.errors > 0 ? style.red : found.length > 0 ? style.yellow : style.green;
    const summary = found.length === 0 ? "nothing breaks" : countWords(counts);
    io.stderr.write(`${paint(`Compared with ${plainLine(against)}: ${summary}.`)}\n`);
    return code;
  },
};

function readExceptions(args: CommandArguments): ReadonlySet<string> {
  const rules = Object.keys(CHANGE_RULES);
  for (const rule of args.values("except")) {
    if (!rules.includes(rule)) {
      const close = nearest(rule, rules);
      const hint = close === undefined ? "" : ` Did you mean ${close}?`;
      throw new CommandError(`There is no rule "${rule}".${hint}`, {
        details: ["The rules are:", ...rules.map((name) => `  ${name}`)],
      });
    }
  }
  return new Set(args.values("except"));
}
