import type { Bound, Condition, Literal } from "../../model/validation.js";
import { stringLiteral } from "../text.js";
import type { Printable, TypeScriptFile } from "../typescript-file.js";

/** When a rule is broken, as an expression of the value that it is about. */
export function conditionText(file: TypeScriptFile, value: Printable, condition: Condition): Printable {
  switch (condition.kind) {
    case "compare":
      return [measured(file, value, condition.measure), ` ${condition.operator} `, literal(condition.bound)];
    case "outside": {
      const within = condition.bounds.map((bound) => boundText(value, bound));
      return ["!(", joined(within, ` ${condition.joined} `), ")"];
    }
    case "listed": {
      const operator = condition.not ? " !== " : " === ";
      const tests = condition.values.map((each) => [value, operator, literal(each)]);
      return joined(tests, condition.not ? " && " : " || ");
    }
    case "text":
      return [condition.not ? "!" : "", value, `.${condition.method}(`, stringLiteral(condition.text), ")"];
    case "pattern":
      return ["!", patternLiteral(condition.pattern), ".test(", value, ")"];
    case "format":
      return [value, ' !== "" && !', file.runtime(condition.test), "(", value, ")"];
    case "empty":
      return [value, ' === ""'];
    case "infinite":
      return ["!Number.isFinite(", value, ")"];
    case "repeats":
      return ["!", file.runtime("isUnique"), "(", value, ")"];
    case "undefined":
      return [file.schema(condition.enum), ".value[", value, "] === undefined"];
  }
}

function measured(
  file: TypeScriptFile,
  value: Printable,
  measure: "value" | "codePoints" | "utf8Bytes" | "length" | "entryCount",
): Printable {
  switch (measure) {
    case "value":
      return value;
    case "length":
      return [value, ".length"];
    default:
      return [file.runtime(measure), "(", value, ")"];
  }
}

function boundText(value: Printable, { operator, value: bound }: Bound): Printable {
  return [value, ` ${operator} `, literal(bound)];
}

/** A constant of the language. */
export function literal(value: Literal): string {
  switch (typeof value) {
    case "string":
      return stringLiteral(value);
    case "bigint":
      return `${value}n`;
    case "number":
      return Number.isFinite(value)
        ? Object.is(value, -0)
          ? "-0"
          : String(value)
        : `Number.${NOT_FINITE[String(value)]}`;
    default:
      return String(value);
  }
}

const NOT_FINITE: Readonly<Record<string, string>> = {
  Infinity: "POSITIVE_INFINITY",
  "-Infinity": "NEGATIVE_INFINITY",
  NaN: "NaN",
};

/** A pattern is of characters that stand for themselves in a literal, too, but for the slash. */
function patternLiteral(pattern: string): string {
  return pattern === "" ? "/(?:)/u" : `/${pattern.replace(/\\.|\//g, (part) => (part === "/" ? "\\/" : part))}/u`;
}

function joined(parts: readonly Printable[], separator: string): Printable {
  return parts.map((part, index) => (index === 0 ? part : [separator, part]));
}
