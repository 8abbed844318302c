import type { OptionPath } from "../place.js";
import type { WrittenField, WrittenValue } from "./option-literal.js";
import type { Token } from "./proto-tokens.js";

/**
 * Finds a value in the options of an element, as deep as it is written.
 *
 * @returns undefined if nothing of the option is found
 */
export function findWritten(options: readonly WrittenField[], { extension, path }: OptionPath): Token | undefined {
  let values: readonly WrittenValue[] = options.flatMap((option) => valuesOf(option, extension));
  let found = values[0]?.token;
  for (const step of path) {
    values = typeof step === "string" ? fieldsNamed(values, step) : elementOf(values, step);
    if (values[0] === undefined) {
      break;
    }
    found = values[0].token;
    if (typeof step === "object" && "key" in step) {
      values = fieldsNamed(values, "value");
    }
  }
  return found;
}

/** What an option gives an extension, whether whole (`(accord.v1.method) = {…}`) or in a part (`….call.timeout = "5s"`). */
function valuesOf({ name, values }: WrittenField, extension: string): readonly WrittenValue[] {
  const [, written = "", rest = ""] = /^\(\.?([^)]*)\)(.*)$/.exec(name) ?? [];
  // A name may leave out what it has in common with the package of its file.
  if (written === "" || !`.${extension}`.endsWith(`.${written}`)) {
    return [];
  }
  return rest
    .split(".")
    .slice(1)
    .reduceRight<readonly WrittenValue[]>((inner, field) => wrapped(field, inner), values);
}

function wrapped(name: string, values: readonly WrittenValue[]): readonly WrittenValue[] {
  const [first] = values;
  return first === undefined ? [] : [{ token: first.token, text: "", fields: [{ name, values }] }];
}

function fieldsNamed(values: readonly WrittenValue[], name: string): WrittenValue[] {
  return values.flatMap(({ fields }) => fields.filter((field) => field.name === name).flatMap((field) => field.values));
}

function elementOf(
  values: readonly WrittenValue[],
  step: Exclude<OptionPath["path"][number], string>,
): readonly WrittenValue[] {
  if ("key" in step) {
    return values.filter((entry) => fieldsNamed([entry], "key")[0]?.text === step.key);
  }
  const element = values.length === step.of ? values[step.index] : undefined;
  return element === undefined ? [] : [element];
}
