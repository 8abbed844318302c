import type { Document, Node } from "yaml";
import type { Rule } from "../answer.js";
import type { MockedMethodContract } from "../contract.js";
import type { FaultRule } from "../fault-plan.js";
import { methodNamed, UnknownMethodError } from "../method-name.js";
import { matcherOfJson } from "../request-matcher.js";
import type { YamlLibrary } from "./load-yaml.js";
import { type Located, locate, Problems, ScenarioError } from "./located.js";
import { checkFields } from "./located-message.js";
import { readFault } from "./read-fault.js";
import { readStep, STEP_KEYS } from "./read-step.js";
import type { Scenario } from "./scenario.js";

/** What a scenario's parts have. The schema is made from the same lists. */
export const SCENARIO_KEYS = ["seed", "rules", "faults"] as const;
export const RULE_KEYS = ["when", "then"] as const;
export const WHEN_KEYS = ["method", "request", "metadata", "call", "times"] as const;
export const THEN_KEYS = [...STEP_KEYS, "sequence", "repeat"] as const;

// A file that a person writes is far smaller, and what is larger isn't read.
const LARGEST_FILE = 4 * 1024 * 1024;

/**
 * Reads a scenario.
 *
 * @param path what mistakes call the file
 * @throws {ScenarioError} with all mistakes: what isn't YAML, and what the contract doesn't have
 */
export function readScenario(
  text: string,
  path: string,
  methods: readonly MockedMethodContract[],
  yaml: YamlLibrary,
): Scenario {
  const lines = new yaml.LineCounter();
  const problems = new Problems((offset) => lines.linePos(offset));
  if (text.length > LARGEST_FILE) {
    throw new ScenarioError(path, [
      { line: 1, column: 1, message: `the file has more than ${LARGEST_FILE} characters` },
    ]);
  }
  const document: Document.Parsed = yaml.parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
  });
  for (const { pos, message } of document.errors) {
    problems.add({ offset: pos[0] }, message);
  }
  const scenario =
    problems.found.length > 0 || document.contents === null
      ? { seed: undefined, rules: [], faults: [] }
      : new ScenarioReader(methods, problems).read(
          locate(document.contents, (node) => resolved(document, node, yaml), yaml),
        );
  if (problems.found.length > 0) {
    throw new ScenarioError(path, problems.found);
  }
  return scenario;
}

function resolved(document: Document.Parsed, node: Node, yaml: YamlLibrary): Node | undefined {
  return yaml.isAlias(node) ? (node.resolve(document) as Node | undefined) : node;
}

class ScenarioReader {
  readonly #methods: readonly MockedMethodContract[];
  readonly #problems: Problems;

  constructor(methods: readonly MockedMethodContract[], problems: Problems) {
    this.#methods = methods;
    this.#problems = problems;
  }

  read(root: Located): Scenario {
    const parts = this.#problems.entriesOf("A scenario", root, SCENARIO_KEYS);
    const [seed, rules, faults] = SCENARIO_KEYS.map((key) => parts.get(key));
    return {
      seed: seed && this.#problems.number("seed", seed, Number.isSafeInteger, "a whole number"),
      rules:
        rules === undefined ? [] : this.#problems.itemsOf("rules", rules).flatMap((rule) => this.#rule(rule) ?? []),
      faults:
        faults === undefined
          ? []
          : this.#problems.itemsOf("faults", faults).flatMap((fault) => this.#fault(fault) ?? []),
    };
  }

  #rule(located: Located): Rule | undefined {
    const parts = this.#problems.entriesOf("A rule", located, RULE_KEYS);
    const [when, then] = [parts.get("when"), parts.get("then")];
    if (when === undefined || then === undefined) {
      this.#problems.add(located, `A rule has a when and a then; there is no ${when === undefined ? "when" : "then"}`);
      return undefined;
    }
    const said = this.#problems.entriesOf("when", when, WHEN_KEYS);
    const method = this.#method(said.get("method"), when);
    if (method === undefined) {
      return undefined;
    }
    const { steps, repeats } = this.#steps(then, method);
    const [request, metadata] = [said.get("request"), said.get("metadata")];
    const [call, times] = (["call", "times"] as const).map((key) => {
      const value = said.get(key);
      return value && this.#problems.number(key, value, isCount, "a whole number from 1");
    });
    const fits = request !== undefined && checkFields(method.desc.input, request, this.#problems);
    return {
      method,
      ...(fits && { request: matcherOfJson(method.desc.input, request.value as never) }),
      ...(metadata && { metadata: this.#texts("metadata", metadata) }),
      ...(call !== undefined && { call }),
      ...(times !== undefined && { times }),
      steps,
      ...(repeats && { repeats }),
    };
  }

  #steps(then: Located, method: MockedMethodContract): Pick<Rule, "steps" | "repeats"> {
    const parts = this.#problems.entriesOf("then", then, THEN_KEYS);
    const [sequence, repeat] = [parts.get("sequence"), parts.get("repeat")];
    if (repeat !== undefined && typeof repeat.value !== "boolean") {
      this.#problems.add(repeat, "repeat must be true or false");
    }
    if (sequence === undefined) {
      return { steps: [readStep(then, parts, method, this.#problems)] };
    }
    const beside = STEP_KEYS.find((key) => parts.has(key));
    if (beside !== undefined) {
      this.#problems.add(parts.get(beside) ?? then, `${beside} belongs into the steps of the sequence`);
    }
    const items = this.#problems.itemsOf("sequence", sequence);
    if (items.length === 0) {
      this.#problems.add(sequence, "sequence needs a step");
    }
    const steps = items.map((item) =>
      readStep(item, this.#problems.entriesOf("A step", item, STEP_KEYS), method, this.#problems),
    );
    return { steps, repeats: repeat?.value === true };
  }

  #fault(located: Located): FaultRule | undefined {
    return readFault(located, (name) => this.#method(name, located), this.#problems);
  }

  #method(located: Located | undefined, parent: Located): MockedMethodContract | undefined {
    if (located === undefined) {
      this.#problems.add(parent, "when needs a method");
      return undefined;
    }
    const name = this.#problems.text("method", located);
    try {
      return name === undefined ? undefined : methodNamed(this.#methods, name);
    } catch (error) {
      if (!(error instanceof UnknownMethodError)) {
        throw error;
      }
      this.#problems.add(located, error.message);
      return undefined;
    }
  }

  #texts(what: string, located: Located): Record<string, string> {
    const texts: Record<string, string> = {};
    if (located.entries === undefined) {
      this.#problems.add(located, `${what} must be a map of texts`);
    }
    for (const { key, value } of located.entries ?? []) {
      texts[key] = String(value.value);
    }
    return texts;
  }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
