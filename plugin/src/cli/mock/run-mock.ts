import {
  ContractMock,
  readScenario,
  ScenarioError,
  type ServiceContract,
  shownCall,
} from "@accord-grpc/runtime/testing";
import * as yaml from "yaml";
import type { ContractModel } from "../../model/model.js";
import { messageOf } from "../../thrown-message.js";
import type { CliIo } from "../cli-io.js";
import { CommandError } from "../command-error.js";
import { plural } from "../diagnostic-lines.js";
import type { TextStyle } from "../text-style.js";
import { callLine } from "./call-line.js";
import { contractsOfModel } from "./contracts-of-model.js";
import { requestCheck } from "./request-check.js";
import { scenarioSchema } from "./scenario-schema.js";
import { startUi } from "./ui/start-ui.js";

/** What `accord mock` was asked for. */
export interface MockSettings {
  readonly address: string;
  readonly seed: number | undefined;
  /** A scenario file's path, as it was given, and its text. */
  readonly scenario: { readonly path: string; readonly text: string } | undefined;
  readonly chaos: number;
  /** The port of the page; 0 is any free one. `undefined`: there is no page. */
  readonly uiPort: number | undefined;
}

/** The JSON schema of the scenario files of a contract. */
export function schemaOf(model: ContractModel): object {
  return scenarioSchema(new ContractMock(contractsOfModel(model)).methods);
}

/**
 * Serves a contract until the command is told to stop, a line for each call.
 *
 * @throws CommandError if the scenario has mistakes, or the address can't be listened on
 */
export async function runMock(
  model: ContractModel,
  settings: MockSettings,
  style: TextStyle,
  io: CliIo,
): Promise<void> {
  const check = await requestCheck(model, (text) => io.stderr.write(`${style.yellow("warning:")} ${text}\n`));
  const mock = makeMock(contractsOfModel(model, check), settings);
  const methodOf = new Map(mock.methods.map((method) => [method.path, method]));
  mock.onCall((call) => {
    const method = methodOf.get(call.path);
    if (call.status !== undefined && method !== undefined) {
      io.stdout.write(callLine(shownCall(call, method), style));
    }
  });
  const { address } = await attempt(() => mock.start(settings.address));
  try {
    const services = [...new Set(mock.methods.map(({ desc }) => desc.parent.typeName))];
    io.stdout.write(
      `${style.bold(`Mocking ${plural(services.length, "service")}`)} on ${address}, seed ${mock.seed}: ${services.join(", ")}\n`,
    );
    const ui = settings.uiPort === undefined ? undefined : await attempt(() => startUi(mock, settings.uiPort ?? 0));
    if (ui !== undefined) {
      io.stdout.write(`Its page: ${style.cyan(ui.url)}\n`);
    }
    await io.untilStopped();
    io.stdout.write("Draining\n");
    await ui?.close();
  } finally {
    await mock.close();
  }
}

function makeMock(contracts: readonly ServiceContract[], { seed, scenario, chaos }: MockSettings): ContractMock {
  try {
    return new ContractMock(contracts, {
      chaos,
      drainMs: 5_000,
      ...(seed !== undefined && { seed }),
      ...(scenario && { scenario: (methods) => readScenario(scenario.text, scenario.path, methods, yaml) }),
    });
  } catch (error) {
    if (error instanceof ScenarioError) {
      const count = plural(error.problems.length, "mistake");
      throw new CommandError(`The scenario has ${count}:`, { details: error.message.split("\n") });
    }
    throw error;
  }
}

async function attempt<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw new CommandError(`${messageOf(error)}.`, { cause: error });
  }
}
