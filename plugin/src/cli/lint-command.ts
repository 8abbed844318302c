import { readContract } from "../contract.js";
import type { Command, CommandArguments } from "./command.js";
import { CommandError, ExitCode } from "./command-error.js";
import { INPUT_ARGUMENT, readContractInput } from "./contract-input.js";
import { countFindings, countWords, localFindings, plural, printFindings, printJson } from "./diagnostic-lines.js";
import { ERROR_FORMAT_OPTIONS, errorFormat, githubAnnotation } from "./error-format.js";
import { COLOR_OPTIONS, textStyle } from "./text-style.js";

/** `accord lint`: everything wrong with a contract, without generating. */
export const lintCommand: Command = {
  name: "lint",
  summary: "Print everything that is wrong with a contract",
  description: [
    "Checks the contract that annotated protos make, as the plugin does before it generates, and prints what is wrong:",
    "path:line:col: severity RULE: what, what to do, and the address of the rule's page. All problems at once, sorted by place.",
  ],
  positionals: [INPUT_ARGUMENT],
  options: [
    ...ERROR_FORMAT_OPTIONS,
    { name: "max-warnings", value: "N", summary: "Fail if there are more warnings than this" },
    ...COLOR_OPTIONS,
  ],
  examples: [
    { what: "Check the module in the current folder", command: "accord lint" },
    { what: "Let no warning through in CI", command: "accord lint proto --max-warnings 0" },
    {
      what: "Check what protoc compiled",
      command:
        "protoc -I proto --include_imports --include_source_info -o /dev/stdout ledger/v1/ledger.proto | accord lint -",
    },
  ],
  exitCodes: ["0: no errors", "1: errors, or too many warnings", "2: the input can't be read or compiled"],
  async run(args, io) {
    const format = errorFormat(args);
    const maxWarnings = readMaxWarnings(args);
    const input = await readContractInput(args.positionals[0] ?? ".", io);
    const { diagnostics } = readContract(input.files, input.toGenerate, input.sources);
    const found = diagnostics.length === 0 ? [] : localFindings(diagnostics, await input.localPaths());
    const counts = countFindings(found);
    const tooMany = counts.warnings > maxWarnings;
    const code = counts.errors > 0 || tooMany ? ExitCode.FOUND : ExitCode.OK;
    if (format === "json") {
      printJson({ diagnostics: found, ...counts }, io);
      return code;
    }
    if (format === "github-actions") {
      io.stdout.write(found.map(githubAnnotation).join(""));
    } else {
      printFindings(found, textStyle(io, io.stdout, args), io);
    }
    const own = input.files.filter(({ proto }) => input.toGenerate.has(proto.name));
    const checked = `${plural(own.flatMap(({ services }) => services).length, "service")} checked`;
    const style = textStyle(io, io.stderr, args);
    const paint = code === ExitCode.FOUND ? style.red : found.length > 0 ? style.yellow : style.green;
    const allowed = tooMany ? ` (at most ${maxWarnings} allowed)` : "";
    const summary = found.length === 0 ? "no problems" : `${countWords(counts)}${allowed}`;
    io.stderr.write(`${paint(`${checked}: ${summary}.`)}\n`);
    return code;
  },
};

function readMaxWarnings(args: CommandArguments): number {
  const value = args.value("max-warnings");
  if (value !== undefined && !/^[0-9]{1,9}$/.test(value)) {
    throw new CommandError(`--max-warnings takes a number, 0 or more: "${value}" isn't one.`);
  }
  return value === undefined ? Number.POSITIVE_INFINITY : Number(value);
}
