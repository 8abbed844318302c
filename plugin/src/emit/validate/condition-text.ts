import type { Condition, Literal } from "../../model/validation.js";
import { stringLiteral } from "../text.js";
import type { Printable, TypeScriptFile } from "../typescript-file.js";

/** Gives the name of a constant of the file for an expression. */
export type NamedConstant = (name: string, expression: string) => Printable;

/**
 * When a rule is broken, as an expression of the value that it is about.
 *
 * @param named for what would be made anew each time that the expression is evaluated
 */
export function conditionText(
  file: TypeScriptFile,
  value: Printable,
  condition: Condition,
  named: NamedConstant,
): Printable {
  // The minus of a negative one is an operator, whose result is a new one.
  const literal = (each: Literal): Printable =>
    typeof each === "bigint" && each < 0n ? named(`MINUS_${-each}`, `${each}n`) : literalText(each);
  switch (condition.kind) {
    case "compare":
      return [measured(file, value, condition.measure), ` ${condition.operator} `, literal(condition.bound)];
    case "outside": {
      const within = condition.bounds.map(({ operator, value: bound }) => [value, ` ${operator} `, literal(bound)]);
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
      return ["!", named("PATTERN", patternLiteral(condition.pattern)), ".test(", value, ")"];
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

/** A constant of the language. */
export function literalText(value: Literal): string {
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
