import { nearest } from "../contract/nearest-name.js";
import type { OptionRule, OptionRules } from "./option-rule.js";
import { kindOf } from "./shown-value.js";

/**
 * Looks at options where they enter, all of them: plain JavaScript, or an environment variable that isn't set, may have put
 * anything there. A limit that is NaN is no limit, and a name that is misspelt is none at all.
 *
 * @param cannot what comes to nothing: "Can't make the server"
 * @throws {TypeError} with all that is wrong: which option, what it must be, and what it is
 */
export function checkOptions<Options extends object>(
  cannot: string,
  options: unknown,
  rules: OptionRules<Options>,
): asserts options is Options {
  refuseIf(cannot, optionFaults("", options, rules));
}

/** As {@link checkOptions}, of those options that have a rule here: others may be somebody else's. */
export function checkOwnOptions<Options extends object>(
  cannot: string,
  options: unknown,
  rules: OptionRules<Options>,
): asserts options is Options {
  refuseIf(cannot, isObject(options) ? valueFaults("", options, rules) : optionFaults("", options, rules));
}

/** Options within an option: their names are `tls.cert`. */
export function group<Options extends object>(rules: OptionRules<Options>): OptionRule {
  return { faults: (name, value) => optionFaults(name, value, rules) };
}

/** @throws {TypeError} if something is wrong */
export function refuseIf(cannot: string, faults: readonly string[]): void {
  if (faults.length > 0) {
    throw new TypeError(`${cannot}: ${faults.join("; ")}`);
  }
}

type Rules = Readonly<Record<string, OptionRule>>;

function optionFaults(within: string, options: unknown, rules: Rules): readonly string[] {
  if (!isObject(options)) {
    return [`${within === "" ? "the options" : within} must be an object, not ${kindOf(options)}`];
  }
  try {
    return [...valueFaults(within, options, rules), ...nameFaults(within, options, rules)];
  } catch {
    return [`${within === "" ? "the options" : within} can't be looked at`];
  }
}

function isObject(options: unknown): options is Readonly<Record<string, unknown>> {
  try {
    return typeof options === "object" && options !== null && !Array.isArray(options);
  } catch {
    return false;
  }
}

function valueFaults(within: string, options: Readonly<Record<string, unknown>>, rules: Rules): readonly string[] {
  return Object.entries(rules).flatMap(([name, rule]) => {
    const value = options[name];
    if (value !== undefined) {
      return rule.faults(nested(within, name), value);
    }
    return rule.isRequired ? rule.faults(nested(within, name), undefined) : [];
  });
}

function nameFaults(within: string, options: object, rules: Rules): readonly string[] {
  const known = Object.keys(rules);
  return Object.entries(options)
    .filter(([name, value]) => value !== undefined && !Object.hasOwn(rules, name))
    .map(([name]) => {
      const meant = nearest(name, known);
      const hint =
        meant === undefined ? `the options are ${known.join(", ")}` : `did you mean ${nested(within, meant)}?`;
      return `there is no option ${nested(within, name)}: ${hint}`;
    });
}

function nested(within: string, name: string): string {
  return within === "" ? name : `${within}.${name}`;
}
