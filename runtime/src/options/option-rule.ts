import { LONGEST_TIMER_MS } from "../contract/defaults.js";
import { kindOf, shownValue } from "./shown-value.js";

/** What an option must be. */
export interface OptionRule {
  /** What is wrong with a value, each in a sentence that begins with the option's name; none, if it is fine. Never throws. */
  faults(name: string, value: unknown): readonly string[];
  /** Whether it can't be left out. */
  readonly isRequired?: boolean;
}

/** The rules of an interface's options: one for each, so that a new option without a rule doesn't compile. */
export type OptionRules<Options extends object> = { readonly [Name in keyof Options]-?: OptionRule };

/**
 * @param wanted completes "drainMs must be …"
 * @param shown says what was given instead
 */
export function rule(
  wanted: string,
  accepts: (value: unknown) => boolean,
  shown: (value: unknown) => string = shownValue,
): OptionRule {
  return {
    faults: (name, value) => (isAccepted(accepts, value) ? [] : [`${name} must be ${wanted}; it is ${shown(value)}`]),
  };
}

// A proxy, or a getter, may throw when it is looked at. It isn't what was wanted then.
function isAccepted(accepts: (value: unknown) => boolean, value: unknown): boolean {
  try {
    return accepts(value);
  } catch {
    return false;
  }
}

/** What an option can't do without. */
export function required(of: OptionRule): OptionRule {
  return { ...of, isRequired: true };
}

/** How long something may take, or how often it happens, in milliseconds: what a timer can wait for. */
export function time({ least = 0, forever = false }: { least?: 0 | 1; forever?: boolean } = {}): OptionRule {
  const range = least === 0 ? `a number of milliseconds from 0 to ${LONGEST_TIMER_MS}` : POSITIVE_TIME;
  return rule(
    forever ? `${range}, or Infinity` : range,
    (value) =>
      (forever && value === Number.POSITIVE_INFINITY) ||
      (typeof value === "number" && (least === 0 ? value >= 0 : value > 0) && value <= LONGEST_TIMER_MS),
  );
}

const POSITIVE_TIME = `a positive number of milliseconds, up to ${LONGEST_TIMER_MS}`;

/** How many of something. */
export function count(of: string, { least = 0, most = Number.MAX_SAFE_INTEGER, endless = false } = {}): OptionRule {
  const upTo = most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`;
  return rule(
    `a whole number of ${of} from ${least}${upTo}${endless ? ", or Infinity" : ""}`,
    (value) =>
      (endless && value === Number.POSITIVE_INFINITY) ||
      (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most),
  );
}

/** How large a message may be: what the length before each message on the wire can say. */
export const messageSize: OptionRule = count("bytes", { most: 2 ** 32 - 1 });

/** What a stream may send ahead of its reader: no less than a frame, and no more than HTTP/2 has. */
export const windowSize: OptionRule = count("bytes", { least: 16 * 1024, most: 2 ** 31 - 1 });

export const flag: OptionRule = rule("true or false", (value) => typeof value === "boolean");

/** One of a few values. */
export function oneOf(...values: readonly (string | boolean)[]): OptionRule {
  const names = values.map((value) => JSON.stringify(value));
  return rule(`${names.slice(0, -1).join(", ")} or ${names.at(-1)}`, (value) =>
    (values as readonly unknown[]).includes(value),
  );
}

/** @param does what the function is for: "that finds out who calls" */
export function functionThat(does = ""): OptionRule {
  return rule(does === "" ? "a function" : `a function ${does}`, (value) => typeof value === "function");
}

/** Something that has methods. @param kind what it is called */
export function withMethods<Method extends string>(kind: string, ...methods: readonly Method[]): OptionRule {
  return {
    faults: (name, value) => {
      const missing = methods.filter((method) => !isAccepted((of) => hasMethod(of, method), value));
      const lacks = missing.length === methods.length ? kindOf(value) : `without ${missing.join(", ")}`;
      return missing.length === 0 ? [] : [`${name} must be ${kind}; it is ${lacks}`];
    },
  };
}

function hasMethod(value: unknown, method: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>> | undefined)?.[method] === "function";
}

/** A list of which each element follows a rule. */
export function listOf(what: string, each: OptionRule): OptionRule {
  const list = rule(`a list of ${what}`, Array.isArray);
  return {
    faults: (name, value) => {
      const faults = list.faults(name, value);
      return faults.length > 0 ? faults : elementFaults(name, value as readonly unknown[], each);
    },
  };
}

function elementFaults(name: string, list: readonly unknown[], each: OptionRule): readonly string[] {
  try {
    return Array.from(list).flatMap((element, index) => each.faults(`${name}[${index}]`, element));
  } catch {
    return [`${name} can't be looked at`];
  }
}

/** An object of which each value follows a rule, by names that aren't known beforehand. */
export function recordOf(each: OptionRule): OptionRule {
  const record = rule("an object", (value) => typeof value === "object" && !Array.isArray(value));
  return {
    faults: (name, value) => {
      const faults = record.faults(name, value);
      return faults.length > 0
        ? faults
        : Object.entries(value as object).flatMap(([key, element]) =>
            each.faults(`${name}[${JSON.stringify(key)}]`, element),
          );
    },
  };
}

/** What can be left to whoever takes it: it has checks of its own, or none are possible. */
export const unchecked: OptionRule = { faults: () => [] };

/** As `first` where `fits` says so, else as `second`. */
export function either(fits: (value: unknown) => boolean, first: OptionRule, second: OptionRule): OptionRule {
  return {
    faults: (name, value) => (isAccepted(fits, value) ? first : second).faults(name, value),
  };
}
