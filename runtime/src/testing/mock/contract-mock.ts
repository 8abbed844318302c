import type { Logger } from "../../log/logger.js";
import type { ListeningAddress } from "../../server/listener.js";
import type { Rule } from "./answer.js";
import { CallRegister } from "./call-register.js";
import type { MockedMethodContract, ServiceContract } from "./contract.js";
import { FaultPlan, type FaultRule } from "./fault-plan.js";
import type { MockCall } from "./mock-call.js";
import { MockEngine } from "./mock-engine.js";
import { MockServer } from "./mock-server.js";
import { bindMock, type MockedWire, mockedMethods } from "./mock-service.js";
import { randomOf } from "./random.js";
import { RuleBook } from "./rule-book.js";
import type { Scenario } from "./scenario/scenario.js";

/** How a mock answers, and how it is served. */
export interface ContractMockOptions {
  /** What made-up answers and chance depend on. Default 1. */
  readonly seed?: number;
  /** Read for the methods of the mock. */
  readonly scenario?: (methods: readonly MockedMethodContract[]) => Scenario;
  /** Before those of the scenario. */
  readonly faults?: (methods: readonly MockedMethodContract[]) => readonly FaultRule[];
  /** The share of calls that meet some fault that their contract allows, from 0 to 1. Default 0. */
  readonly chaos?: number;
  /** Default: one that writes nothing. */
  readonly logger?: Logger;
  /** How long calls may run on when it drains, in milliseconds. Default: 1 s. */
  readonly drainMs?: number;
}

/** A server that answers by contracts alone: all of their services at one address, with health and reflection. */
export class ContractMock {
  readonly methods: readonly MockedMethodContract[];
  readonly seed: number;
  readonly #register = new CallRegister();
  readonly #rules: RuleBook;
  readonly #own = new Set<Rule>();
  readonly #server: MockServer;

  constructor(contracts: readonly ServiceContract[], options: ContractMockOptions = {}) {
    const { chaos = 0 } = options;
    this.methods = mockedMethods(contracts);
    const scenario = options.scenario?.(this.methods);
    this.seed = options.seed ?? scenario?.seed ?? 1;
    this.#rules = new RuleBook(scenario?.rules);
    const planned = [...(options.faults?.(this.methods) ?? []), ...(scenario?.faults ?? [])];
    const faults = new FaultPlan(planned, chaos, randomOf(this.seed, "faults"));
    const engine = new MockEngine({
      seed: this.seed,
      rules: this.#rules,
      faults,
      isOwn: (rule) => this.#own.has(rule),
    });
    const bind = (wire: MockedWire) =>
      contracts.map((contract) => {
        const own = this.methods.filter(({ service }) => service === contract);
        return bindMock(contract, own, { engine, register: this.#register, wire });
      });
    this.#server = new MockServer(bind, { ...options, scopes: this.methods.flatMap(({ auth }) => auth?.scopes ?? []) });
  }

  /** The calls so far, the latest thousand. */
  get calls(): readonly MockCall[] {
    return this.#register.calls;
  }

  /** Forgets the calls so far. */
  forgetCalls(): void {
    this.#register.forget();
  }

  /** Tells of each call, when its request is there and when it has ended. @returns a function that ends it */
  onCall(listener: (call: MockCall) => void): () => void {
    return this.#register.onCall(listener);
  }

  /** Puts a rule before all others. @returns a function that takes it out */
  add(rule: Rule): () => void {
    this.#own.add(rule);
    this.#rules.add(rule);
    return () => {
      this.#own.delete(rule);
      this.#rules.remove(rule);
    };
  }

  /** Takes the rules out that were put in, of all methods or of one. Those of the scenario stay. */
  removeAdded(method?: MockedMethodContract): void {
    for (const rule of [...this.#own]) {
      if (method === undefined || rule.method === method) {
        this.#own.delete(rule);
        this.#rules.remove(rule);
      }
    }
  }

  /** @throws {Error} in one line, if the address can't be listened on */
  start(address: string): Promise<ListeningAddress> {
    return this.#server.start(address);
  }

  /** Drains as at a rollout, and serves anew at the same address. */
  drain(): void {
    this.#server.drain();
  }

  /** Ends it: calls that run may end first. */
  close(): Promise<void> {
    return this.#server.close();
  }
}
