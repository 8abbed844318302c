import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ChannelCredentials } from "@grpc/grpc-js";
import { buildChannel, type Channel } from "../../channel/channel.js";
import type { Logger } from "../../log/logger.js";
import { checkOptions } from "../../options/check-options.js";
import { type OptionRules, rule, unchecked } from "../../options/option-rule.js";
import type { ServiceConfig } from "../../wire/service-config.js";
import type { MockedMethodContract, ServiceContract } from "./contract.js";
import { ContractMock } from "./contract-mock.js";
import { type DelayDistribution, type FaultName, faultNamed } from "./fault.js";
import type { FaultRule } from "./fault-plan.js";
import { methodNamed } from "./method-name.js";
import type { MockCall } from "./mock-call.js";
import { type MockedMethods, mockedMethod } from "./mocked-method.js";
import { loadYaml } from "./scenario/load-yaml.js";
import { readScenario } from "./scenario/read-scenario.js";

/** A fault that some calls meet. Times are in milliseconds from the start. */
export interface MockFault extends Omit<FaultRule, "fault" | "method"> {
  readonly fault: FaultName;
  /** `Transfer`, `LedgerService.Transfer`, `ledger.v1.LedgerService/Transfer`. Default: all methods. */
  readonly method?: string;
  /** How much later, for `slow`. Default: 50 ms for half of the calls, one second for one in a hundred. */
  readonly delay?: DelayDistribution;
}

/** How a mock is started. */
export interface MockOptions {
  /** What made-up answers and chance depend on. Default: the scenario's, else 1. */
  readonly seed?: number;
  /** A scenario file, as `accord mock --scenario` takes it. It needs the package `yaml`. */
  readonly scenario?: string | URL;
  readonly faults?: readonly MockFault[];
  /** The share of calls that meet some fault that their contract allows, from 0 to 1. Default 0. */
  readonly chaos?: number;
  /** Where it listens. Default: a free port of 127.0.0.1. */
  readonly address?: string;
  /** Default: one that writes nothing. */
  readonly logger?: Logger;
  /** How long calls may run on when it drains, in milliseconds. Default: 1 s. */
  readonly drainMs?: number;
}

const MOCK_RULES: OptionRules<MockOptions> = {
  seed: rule("a whole number", Number.isSafeInteger),
  scenario: rule("the path of a file", (value) => typeof value === "string" || value instanceof URL),
  faults: rule('a list of faults: [{ fault: "slow", share: 0.1 }]', Array.isArray),
  chaos: rule("a share from 0 to 1", (value) => typeof value === "number" && value >= 0 && value <= 1),
  address: rule("a text: 127.0.0.1:50051", (value) => typeof value === "string"),
  logger: unchecked,
  drainMs: rule("a number of milliseconds", (value) => typeof value === "number" && value >= 0),
};

/** What a mock has beside its methods. */
export interface MockControl {
  /** `127.0.0.1:41233`: what a client is given as its target. */
  readonly address: string;
  /** A channel to it, with the service config of the contract and a connection of its own. */
  readonly channel: Channel;
  /** All calls so far, the latest thousand. */
  readonly calls: readonly MockCall[];
  /** Tells of each call, when its request is there and when it has ended. @returns a function that ends it */
  onCall(listener: (call: MockCall) => void): () => void;
  /** Forgets what was said to its methods, and the calls so far. The scenario stays. */
  reset(): void;
  /** Drains as at a rollout, and serves anew at the same address. */
  drain(): void;
  /** Closes the channel and ends the server. */
  close(): Promise<void>;
}

/** A mock of one service. A method of whose name the mock has something itself is in `methods`, as all are: `mock.methods.close`. */
export type ServiceMock<Client> = MockControl & { readonly methods: MockedMethods<Client> } & Omit<
    MockedMethods<Client>,
    keyof MockControl | "methods"
  >;

/** A mock of several services, each by the name that it was given. */
export type ServicesMock<Contracts> = MockControl & {
  readonly [Name in keyof Contracts]: Contracts[Name] extends ServiceContract<infer Client>
    ? MockedMethods<Client>
    : never;
};

/**
 * Starts a server for a test that answers by a contract alone, on a port of its own: `startMock(LedgerContract)`, and
 * `mock.transfer.raises("INSUFFICIENT_FUNDS", { balance: "3" })` says what a method answers. Several services in one server:
 * `startMock({ ledger: LedgerContract, audit: AuditContract })`, and `mock.ledger.transfer`.
 *
 * What nobody says is made up: by names, types and rules of `buf.validate`, the same for the same seed and request. A repeated
 * idempotency key is answered with what was answered first.
 *
 * @throws {Error} if the scenario can't be read, or names what the contract doesn't have: all mistakes, with file, line and column
 * @throws {TypeError} if an option isn't what its type says
 */
export function startMock<Client>(
  contract: ServiceContract<Client>,
  options?: MockOptions,
): Promise<ServiceMock<Client>>;
export function startMock<const Contracts extends Readonly<Record<string, ServiceContract>>>(
  contracts: Contracts,
  options?: MockOptions,
): Promise<ServicesMock<Contracts>>;
export async function startMock(
  given: ServiceContract | Readonly<Record<string, ServiceContract>>,
  options: MockOptions = {},
): Promise<object> {
  checkOptions("Can't start the mock", options, MOCK_RULES);
  const contracts = isContract(given) ? { "": given } : given;
  const all = Object.values(contracts);
  const mock = await makeMock(all, options);
  const { address } = await mock.start(options.address ?? "127.0.0.1:0");
  const channel = buildChannel(address, configOf(all), {
    credentials: ChannelCredentials.createInsecure(),
    extraOptions: { "grpc.use_local_subchannel_pool": 1 },
  });
  const control = controlOf(mock, address, channel);
  for (const [name, contract] of Object.entries(contracts)) {
    const methods = Object.fromEntries(
      mock.methods
        .filter(({ service }) => service === contract)
        .map((method) => [method.desc.localName, mockedMethod(mock, method)]),
    );
    const added = isContract(given) ? { ...methods, methods } : { [name]: methods };
    for (const [key, value] of Object.entries(added)) {
      if (!Object.hasOwn(control, key)) {
        Object.defineProperty(control, key, { value, enumerable: true });
      }
    }
  }
  return control;
}

async function makeMock(contracts: readonly ServiceContract[], options: MockOptions): Promise<ContractMock> {
  const { scenario, faults = [], address: _, ...rest } = options;
  const path = scenario instanceof URL ? fileURLToPath(scenario) : scenario;
  const yaml = path === undefined ? undefined : await loadYaml();
  const text = path === undefined ? "" : await readFile(path, "utf8");
  return new ContractMock(contracts, {
    ...rest,
    faults: (methods) => faults.map((fault) => faultRuleOf(fault, methods)),
    ...(yaml !== undefined && path !== undefined && { scenario: (methods) => readScenario(text, path, methods, yaml) }),
  });
}

function faultRuleOf(
  { fault, method, delay, ...when }: MockFault,
  methods: readonly MockedMethodContract[],
): FaultRule {
  return {
    ...when,
    fault: faultNamed(fault, delay),
    ...(method !== undefined && { method: methodNamed(methods, method) }),
  };
}

function isContract(given: object): given is ServiceContract {
  const service: unknown = Reflect.get(given, "service");
  return typeof service === "object" && service !== null && Reflect.get(service, "kind") === "service";
}

/** The service configs of several packages in one: each names its own methods. */
function configOf(contracts: readonly ServiceContract[]): ServiceConfig {
  const configs = [...new Set(contracts.flatMap(({ serviceConfig }) => serviceConfig ?? []))];
  return { ...configs[0], methodConfig: configs.flatMap(({ methodConfig = [] }) => methodConfig) };
}

function controlOf(mock: ContractMock, address: string, channel: Channel): MockControl {
  return {
    address,
    channel,
    get calls() {
      return mock.calls;
    },
    onCall: (listener) => mock.onCall(listener),
    reset: () => {
      mock.removeAdded();
      mock.forgetCalls();
    },
    drain: () => mock.drain(),
    close: async () => {
      channel.close();
      await mock.close();
    },
  };
}
