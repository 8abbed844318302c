import { join } from "node:path";
import { checkWritable, writeUserFile } from "../scaffold/user-files.js";
import { EDITOR_PAGE } from "../validate/rule-page.js";
import type { Command, CommandArguments } from "./command.js";
import { CommandError, ExitCode } from "./command-error.js";
import { CI_SYSTEMS, type CiSystem } from "./init/ci-recipe.js";
import { lineDiff } from "./init/line-diff.js";
import type { MissingPackages } from "./init/package-json.js";
import type { PlannedChange } from "./init/planned-change.js";
import type { Project } from "./init/project.js";
import { COLOR_OPTIONS, plainText, type TextStyle, textStyle } from "./text-style.js";

/** `accord init`: a project in which buf and Accord work, and the contract language in it. */
export const initCommand: Command = {
  name: "init",
  summary: "Set a project up, or bring its contract language up to date",
  description: [
    "Writes accord/v1/options.proto among your protos, buf.yaml, buf.gen.yaml, scripts in package.json, and a recipe for CI:",
    "then buf lint, buf breaking and accord breaking work against any version in git. What is there already is kept: only what",
    "is missing is added, and each change is shown. Run it again after an upgrade; it changes nothing twice.",
  ],
  positionals: [],
  options: [
    { name: "proto", value: "DIR", summary: "The folder of your protos (default: buf.yaml's first module, or proto)" },
    {
      name: "ci",
      value: CI_SYSTEMS.join("|"),
      summary: "Whose recipe to write (default: GitLab's if you use it, else GitHub's)",
    },
    { name: "dry-run", summary: "Write nothing, and show what would be written" },
    { name: "check", summary: "Write nothing; fail if something would be written" },
    ...COLOR_OPTIONS,
  ],
  examples: [
    { what: "Begin, or catch up after an upgrade", command: "accord init" },
    { what: "Look first", command: "accord init --dry-run" },
    { what: "Fail in CI when the contract language is an old one", command: "accord init --check" },
  ],
  exitCodes: [
    "0: the project is set up",
    "1: with --check, something would be written; or something is left for you to do",
    "2: a file can't be read or written",
  ],
  async run(args, io) {
    // A parser for YAML is loaded with it: only this command needs one.
    const { planInit } = await import("./init/plan-init.js");
    const { project, changes, missing, mainBranch, editorsKnow } = planInit(
      io.cwd,
      args.value("proto"),
      readCiSystem(args),
      io.env,
    );
    const needed = changes.filter(isNeeded);
    const writes = !args.has("dry-run") && !args.has("check");
    if (writes) {
      write(project, needed);
    }
    const style = textStyle(io, io.stdout, args);
    for (const change of changes) {
      io.stdout.write(shown(change, writes, style));
    }
    const advised = changes.some(({ advice }) => advice !== undefined);
    io.stdout.write(nextSteps(project, missing, mainBranch, style));
    if (!editorsKnow) {
      io.stdout.write(EDITOR_HINT);
    }
    return advised || (args.has("check") && needed.length > 0) ? ExitCode.FOUND : ExitCode.OK;
  },
};

const EDITOR_HINT = `
With buf-plugin-accord among the plugins of buf.yaml, editors underline mistakes while you type, and buf lint and buf breaking
know contracts: ${EDITOR_PAGE}
`;

function readCiSystem(args: CommandArguments): CiSystem | undefined {
  const value = args.value("ci");
  const system = CI_SYSTEMS.find((candidate) => candidate === value);
  if (value !== undefined && system === undefined) {
    throw new CommandError(`--ci takes one of ${CI_SYSTEMS.join(", ")}: "${value}" is none.`);
  }
  return system;
}

/** git may give a file other line breaks than it was written with. */
function isNeeded({ before, after }: PlannedChange): boolean {
  return before?.replaceAll("\r\n", "\n") !== after.replaceAll("\r\n", "\n");
}

function write({ folder }: Project, changes: readonly PlannedChange[]): void {
  const files = changes.map(({ path, after }) => ({ path: join(folder, path), text: after }));
  for (const { path } of files) {
    checkWritable(path);
  }
  for (const file of files) {
    writeUserFile({ ...file, byteOrderMark: false, damage: undefined });
  }
}

function shown(change: PlannedChange, writes: boolean, style: TextStyle): string {
  const { path, before, after, advice } = change;
  if (advice !== undefined) {
    return `${style.yellow("left")}     ${style.bold(path)} ${advice}\n`;
  }
  if (!isNeeded(change)) {
    return `${style.dim("kept")}     ${path}\n`;
  }
  if (before === undefined) {
    return `${style.green(writes ? "written" : "missing")}  ${style.bold(path)}\n`;
  }
  const paint = (line: string) =>
    line.startsWith("+") ? style.green(line) : line.startsWith("-") ? style.red(line) : style.dim(line);
  const lines = lineDiff(before, after).map((line) => `         ${paint(plainText(line))}\n`);
  return `${style.yellow(writes ? "changed" : "changes")}  ${style.bold(path)}\n${lines.join("")}`;
}

function nextSteps(
  { packageManager: { add, addDev, runScript, exec } }: Project,
  { dependencies, devDependencies }: MissingPackages,
  mainBranch: string,
  style: TextStyle,
): string {
  const steps = [
    ...(dependencies.length > 0 ? [`${add} ${dependencies.join(" ")}`] : []),
    ...(devDependencies.length > 0 ? [`${addDev} ${devDependencies.join(" ")}`] : []),
    `${runScript} generate`,
    `${exec} buf breaking --against '${mainBranch}'`,
    `${exec} accord breaking --against '${mainBranch}'`,
  ];
  return `\nNext, as you need it:\n${steps.map((step) => `  ${style.cyan(step)}\n`).join("")}`;
}
