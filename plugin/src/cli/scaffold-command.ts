import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { ContractModel } from "../model/model.js";
import type { ScaffoldPlan, ServicerPlan } from "../scaffold/scaffold-plan.js";
import type { ServicerOutline } from "../scaffold/servicer-outline.js";
import type { TestRunner } from "../scaffold/servicer-tests.js";
import type { TestPlan, TestPlanOptions } from "../scaffold/test-plan.js";
import { displayPath, readUserFile, writeUserFile } from "../scaffold/user-files.js";
import type { CliIo } from "./cli-io.js";
import type { Command, CommandArguments } from "./command.js";
import { CommandError, ExitCode } from "./command-error.js";
import { INPUT_ARGUMENT, readContractInput } from "./contract-input.js";
import { readModel } from "./read-model.js";
import { lacksCases, renderScaffold } from "./render-scaffold.js";
import { selectService } from "./select-service.js";
import { COLOR_OPTIONS, plainLine, textStyle } from "./text-style.js";

/** `accord scaffold`: classes to begin with, and what they lack later. */
export const scaffoldCommand: Command = {
  name: "scaffold",
  summary: "Write a class for each service, or insert what it lacks",
  description: [
    "On the first run, writes a class that implements each service's generated interface into a folder of yours, a file",
    "for each service. They are yours then: move, rename and change them. On later runs, finds the classes again, by what",
    "they implement, and inserts only methods that are missing, with their imports. It changes nothing else, removes",
    "nothing, and writes nothing at all if one of the files doesn't parse.",
  ],
  positionals: [INPUT_ARGUMENT],
  options: [
    { name: "out", short: "o", value: "DIR", summary: "Your folder for the classes. Required" },
    {
      name: "gen",
      value: "DIR",
      summary: "Where generated code lies (default: src/gen, or another usual place that has it)",
    },
    { name: "service", value: "NAME", multiple: true, summary: "Only this service; may be given several times" },
    { name: "tests", summary: "Write tests, too: a case for OK and for each declared error, to be filled in" },
    { name: "runner", value: "vitest|jest|node", summary: "What runs the tests that are begun (default: vitest)" },
    { name: "check", summary: "Write nothing; fail if something is missing" },
    {
      name: "import-extension",
      value: "js|ts|none",
      summary: "What imports of generated files end in (default: as the generated code's own)",
    },
    { name: "templates", value: "DIR", summary: "Your own templates: DIR/scaffold/servicer.ts.hbs and _method.ts.hbs" },
    ...COLOR_OPTIONS,
  ],
  examples: [
    { what: "Begin, or catch up with the protos", command: "accord scaffold proto --out src/apps/ledger" },
    {
      what: "With tests that fail until they are written",
      command: "accord scaffold proto --out src/apps/ledger --tests",
    },
    { what: "Fail in CI when a method is missing", command: "accord scaffold proto --out src/apps/ledger --check" },
    {
      what: "One service, from what buf compiled",
      command: "buf build -o - | accord scaffold - --out src --service LedgerService",
    },
  ],
  exitCodes: [
    "0: all methods are there, or were written",
    "1: with --check, something is missing; or a file couldn't be changed",
    "2: the input can't be read, or has errors",
  ],
  async run(args, io) {
    const out = args.value("out");
    if (out === undefined) {
      throw new CommandError(
        "Where are the classes to go? Name a folder of yours: accord scaffold --out src/apps/ledger.",
      );
    }
    const input = await readContractInput(args.positionals[0] ?? ".", io);
    // ts-morph and Handlebars take a while to load: only this command does.
    const [{ outlineServices }, { planScaffold }, { loadTemplates }] = await Promise.all([
      import("../scaffold/servicer-outline.js"),
      import("../scaffold/scaffold-plan.js"),
      import("../scaffold/scaffold-templates.js"),
    ]);
    const runner = testRunner(args);
    const model = await readModel(input);
    const outlines = outlineServices(model);
    const selected = new Set(
      args.values("service").map((name) => selectService(outlines, ({ service }) => service, name)),
    );
    const gen = generatedFolder(args, outlines, io);
    const outPath = resolve(io.cwd, out);
    const templates = args.value("templates");
    const plan = planScaffold(outlines, {
      out: outPath,
      generated: gen.path,
      importExtension: importExtension(args, gen.servicer),
      templates: await loadTemplates(templates === undefined ? undefined : resolve(io.cwd, templates)),
      select: (outline) => selected.size === 0 || selected.has(outline),
    });
    if (!relative(gen.path, outPath).startsWith("..")) {
      io.stderr.write(
        `${plainLine(displayPath(io.cwd, outPath))} is in the folder of generated code. If buf generate empties it (clean: true), your classes go with it.\n`,
      );
    }
    const tests = args.has("tests")
      ? await plannedTests(plan, model, { out: outPath, generated: gen.path, runner })
      : [];
    return carryOut(plan, tests, args, io, gen);
  },
};

async function carryOut(
  plan: ScaffoldPlan,
  tests: readonly TestPlan[],
  args: CommandArguments,
  io: CliIo,
  gen: GeneratedFolder,
): Promise<ExitCode> {
  const refused = [...plan.services, ...tests].some(({ kind }) => kind === "refuse");
  const check = args.has("check");
  if (!check && !refused) {
    for (const { file } of plan.writes) {
      writeUserFile(file);
    }
    for (const file of tests.flatMap((test) => ("write" in test && test.write !== undefined ? [test.write] : []))) {
      writeUserFile(file);
    }
  }
  const style = textStyle(io, io.stdout, args);
  const outcome = refused ? "refused" : check ? "checked" : "written";
  io.stdout.write(renderScaffold(plan, tests, outcome, style, io.cwd));
  if (outcome === "written" && gen.servicer === undefined && plan.services.some(({ kind }) => kind === "create")) {
    const folder = plainLine(displayPath(io.cwd, gen.path));
    io.stderr.write(
      `There is no generated code in ${folder} yet, which the imports point to. Run buf generate, or pass its folder with --gen.\n`,
    );
  }
  return refused || (check && (plan.services.some(isIncomplete) || tests.some(lacksCases)))
    ? ExitCode.FOUND
    : ExitCode.OK;
}

/** Whether a service lacks something that a run without --check would write. */
function isIncomplete(plan: ServicerPlan): boolean {
  return plan.kind === "create" || (plan.kind === "complete" && plan.missing.length > 0);
}

async function plannedTests(plan: ScaffoldPlan, model: ContractModel, options: TestPlanOptions): Promise<TestPlan[]> {
  const [{ outlineTests }, { planTests }] = await Promise.all([
    import("../scaffold/test-outline.js"),
    import("../scaffold/test-plan.js"),
  ]);
  return planTests(plan, outlineTests(model), options);
}

function testRunner(args: CommandArguments): TestRunner {
  const given = args.value("runner") ?? "vitest";
  const runner = (["vitest", "jest", "node"] as const).find((each) => each === given);
  if (runner === undefined) {
    throw new CommandError(`--runner takes vitest, jest or node: "${given}" is none of them.`);
  }
  return runner;
}

interface GeneratedFolder {
  readonly path: string;
  /** A generated file in it that has a servicer's interface, if there is one already. */
  readonly servicer: string | undefined;
}

const USUAL_FOLDERS = ["src/gen", "gen", "src/generated", "generated", "lib/gen", "src/proto"];

function generatedFolder(args: CommandArguments, outlines: readonly ServicerOutline[], io: CliIo): GeneratedFolder {
  const given = args.value("gen");
  const folders = given === undefined ? USUAL_FOLDERS : [given];
  for (const path of folders.map((folder) => resolve(io.cwd, folder))) {
    const servicer = outlines
      .flatMap(({ servicer: { module } }) => (module.kind === "generated" ? [module.path] : []))
      .flatMap((module) => [".ts", ".d.ts", ".js"].map((extension) => join(path, module + extension)))
      .find((file) => existsSync(file));
    if (servicer !== undefined) {
      return { path, servicer };
    }
  }
  return { path: resolve(io.cwd, folders[0] ?? "src/gen"), servicer: undefined };
}

/** What import specifiers end in: as the option says, else as the generated code's own. */
function importExtension(args: CommandArguments, servicer: string | undefined): string {
  const given = args.value("import-extension");
  if (given === undefined) {
    const own = servicer && /from\s+["']\.[^"'\n]*?_pb(\.\w+)?["']/.exec(readUserFile(servicer).text);
    return own ? (own[1] ?? "") : ".js";
  }
  const extension = given.replace(/^\./, "");
  if (!["js", "ts", "none"].includes(extension)) {
    throw new CommandError(`--import-extension takes js, ts or none: "${given}" is none of them.`);
  }
  return extension === "none" ? "" : `.${extension}`;
}
