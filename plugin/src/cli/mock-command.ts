import { resolve } from "node:path";
import { readRegularFile } from "../bounded-input.js";
import { messageOf } from "../thrown-message.js";
import type { CliIo } from "./cli-io.js";
import type { Command, CommandArguments } from "./command.js";
import { CommandError, ExitCode } from "./command-error.js";
import { INPUT_ARGUMENT, readContractInput } from "./contract-input.js";
import { printJson } from "./diagnostic-lines.js";
import type * as Running from "./mock/run-mock.js";
import { readModel } from "./read-model.js";
import { COLOR_OPTIONS, textStyle } from "./text-style.js";

/** `accord mock`: a server that a contract alone makes. */
export const mockCommand: Command = {
  name: "mock",
  summary: "Serve a contract without a server: typed answers, declared errors, faults",
  description: [
    "Serves all services of a contract on a port, with health and reflection, and answers as the contract says: messages whose",
    "fields look like their names, types and rules, the same for the same seed and request; repeated idempotency keys with what",
    "was answered first. A scenario file says what is answered otherwise, and so does a caller by metadata:",
    "x-accord-mock: error=INSUFFICIENT_FUNDS balance=3. Ctrl-C drains.",
  ],
  positionals: [INPUT_ARGUMENT],
  options: [
    { name: "port", short: "p", value: "PORT", summary: "The port to listen on; 0 is any free one. Default: 50051" },
    {
      name: "host",
      value: "HOST",
      summary: "The address to listen on. Default: 127.0.0.1, which only this machine reaches",
    },
    {
      name: "seed",
      value: "NUMBER",
      summary: "What made-up answers and chance depend on. Default: the scenario's, else 1",
    },
    { name: "scenario", short: "s", value: "FILE", summary: "A YAML file that says which calls are answered how" },
    { name: "schema", summary: "Print the JSON schema of the contract's scenario files, for editors, and end" },
    {
      name: "chaos",
      value: "SHARE",
      summary: "The share of calls that meet some fault that their contract allows: 0.05",
    },
    { name: "ui", summary: "Show the calls as they come on a page, with buttons for errors and faults" },
    { name: "ui-port", value: "PORT", summary: "The page's port. Default: any free one" },
    ...COLOR_OPTIONS,
  ],
  examples: [
    { what: "All services in the current folder", command: "accord mock" },
    { what: "A ledger on another port, with a page", command: "accord mock proto/ledger --port 6000 --ui" },
    {
      what: "With the answers of a scenario, and a little of what networks do",
      command: "accord mock -s ledger.mock.yaml --chaos 0.05",
    },
    {
      what: "Completion and checks of scenarios in the editor",
      command: "accord mock --schema > ledger.mock.schema.json",
    },
  ],
  exitCodes: ["0: told to stop", "2: the contract or the scenario has errors, or the port is in use"],
  async run(args, io) {
    const settings = readSettings(args, io);
    const input = await readContractInput(args.positionals[0] ?? ".", io);
    const model = await readModel(input);
    const { runMock, schemaOf } = await loadMock();
    if (args.has("schema")) {
      printJson(schemaOf(model), io);
      return ExitCode.OK;
    }
    await runMock(model, settings, textStyle(io, io.stdout, args), io);
    return ExitCode.OK;
  },
};

/** The server, which no other command has a use for. */
async function loadMock(): Promise<typeof Running> {
  try {
    return await import("./mock/run-mock.js");
  } catch (cause) {
    throw new CommandError(
      `The mock's server can't be loaded: ${messageOf(cause)}. It needs npm install --save-dev @grpc/grpc-js @opentelemetry/api.`,
      { cause },
    );
  }
}

function readSettings(args: CommandArguments, io: CliIo): Running.MockSettings {
  const host = args.value("host") ?? "127.0.0.1";
  const path = args.value("scenario");
  const seed = args.value("seed");
  const uiPort = args.has("ui-port") ? portIn(args, "ui-port", 0) : args.has("ui") ? 0 : undefined;
  return {
    address: `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${portIn(args, "port", 50_051)}`,
    seed: seed === undefined ? undefined : wholeNumber("seed", seed),
    scenario: path === undefined ? undefined : { path, text: textOf(path, io) },
    chaos: shareIn(args),
    uiPort,
  };
}

function portIn(args: CommandArguments, name: string, usual: number): number {
  const given = args.value(name);
  const port = given === undefined ? usual : /^\d{1,5}$/.test(given) ? Number(given) : Number.NaN;
  if (!(port <= 65_535)) {
    throw new CommandError(`--${name} ${given} is no port: it is a number from 0 to 65535.`);
  }
  return port;
}

function wholeNumber(name: string, given: string): number {
  const number = /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!Number.isSafeInteger(number)) {
    throw new CommandError(`--${name} ${given} is no whole number.`);
  }
  return number;
}

function shareIn(args: CommandArguments): number {
  const given = args.value("chaos") ?? "0";
  const share = /^\d*\.?\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!(share <= 1)) {
    throw new CommandError(`--chaos ${given} is no share: it is a number from 0 to 1, such as 0.05.`);
  }
  return share;
}

function textOf(path: string, io: CliIo): string {
  try {
    return Buffer.from(readRegularFile(resolve(io.cwd, path))).toString("utf8");
  } catch (cause) {
    throw new CommandError(`The scenario ${path} can't be read: ${messageOf(cause)}.`, { cause });
  }
}
