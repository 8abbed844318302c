import type { Condition, Literal, Measure } from "../../model/validation.js";
import { parentheses } from "../typescript/layout-group.js";
import { stringLiteral } from "../typescript/text.js";
import type { Printable, TypeScriptFile } from "../typescript/typescript-file.js";

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
      return comparison(file, value, condition.measure, condition.operator, literal(condition.bound));
    case "outside": {
      const within = condition.bounds.map(({ operator, value: bound }) => [value, ` ${operator} `, literal(bound)]);
      return ["!(", joined(within, ` ${condition.joined} `), ")"];
    }
    case "listed": {
      const operator = condition.not ? " !== " : " === ";
      const tested = measured(file, value, condition.measure);
      const tests = condition.values.map((each) => [tested, operator, literal(each)]);
      return joined(tests, condition.not ? " && " : " || ");
    }
    case "text":
      return [condition.not ? "!" : "", value, `.${condition.method}(`, stringLiteral(condition.text), ")"];
    case "pattern": {
      const text = condition.bytes ? [file.runtime("textOfBytes"), "(", value, ")"] : value;
      return ["!", named("PATTERN", patternLiteral(condition.pattern)), ".test(", text, ")"];
    }
    case "format":
      return [
        condition.emptyIsApart ? [value, ' !== "" && '] : "",
        ["!", file.runtime(condition.test), "(", value, ")"],
      ];
    case "bytes": {
      const other = named("BYTES", bytesLiteral(condition.bytes));
      return [condition.not ? "!" : "", file.runtime(condition.test), parentheses([value, other])];
    }
    case "listedBytes": {
      const list = named("LIST", `[${condition.values.map(bytesLiteral).join(", ")}]`);
      return [condition.not ? "!" : "", file.runtime("isAmongBytes"), parentheses([value, list])];
    }
    case "otherSize":
      return joined(
        condition.sizes.map((size) => [value, `.length !== ${size}`]),
        " && ",
      );
    case "time": {
      const tests = condition.bounds.map(({ operator, value: { seconds, nanos } }) => [
        [file.runtime("timeOrder"), parentheses([value, `${seconds}`, `${nanos}`])],
        ` ${operator} 0`,
      ]);
      const all = joined(tests, ` ${condition.joined} `);
      return condition.not ? ["!(", all, ")"] : all;
    }
    case "now":
      return [file.runtime("orderToNow"), "(", value, `) ${condition.operator} 0`];
    case "farFromNow": {
      const { seconds, nanos } = condition.within;
      return ["!", file.runtime("isNearNow"), parentheses([value, `${seconds}`, `${nanos}`])];
    }
    case "paths": {
      const list = named("PATHS", `[${condition.paths.map(stringLiteral).join(", ")}]`);
      return ["!", file.runtime(condition.test), parentheses([[value, ".paths"], list])];
    }
    case "infinite":
      return ["!Number.isFinite(", value, ")"];
    case "repeats":
      return ["!", file.runtime(UNIQUE[condition.of]), "(", value, ")"];
    case "undefined":
      return [file.schema(condition.enum), ".value[", value, "] === undefined"];
  }
}

/** Of a text's characters, one that is far too short or too long needn't be counted. */
function comparison(
  file: TypeScriptFile,
  value: Printable,
  measure: Measure,
  operator: "===" | "!==" | "<" | ">",
  bound: Printable,
): Printable {
  const counted = measure === "codePoints" || measure === "utf8Bytes" ? BOUNDED[measure][operator] : undefined;
  return counted === undefined
    ? [measured(file, value, measure), ` ${operator} `, bound]
    : [file.runtime(counted), parentheses([value, bound])];
}

const UNIQUE = { bytes: "areUniqueBytes", numbers: "areUniqueNumbers", others: "isUnique" } as const;

const BOUNDED = {
  codePoints: { "<": "isShorter", ">": "isLonger", "===": undefined, "!==": undefined },
  utf8Bytes: { "<": "isSmaller", ">": "isLarger", "===": undefined, "!==": undefined },
} as const;

function measured(file: TypeScriptFile, value: Printable, measure: Measure): Printable {
  switch (measure) {
    case "value":
      return value;
    case "length":
    case "typeUrl":
      return [value, `.${measure}`];
    default:
      return [file.runtime(measure), "(", value, ")"];
  }
}

function bytesLiteral(bytes: Uint8Array): string {
  return `/*@__PURE__*/ new Uint8Array([${[...bytes].join(", ")}])`;
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

function patternLiteral(pattern: string): string {
  return pattern === "" ? "/(?:)/u" : `/${pattern}/u`;
}

/** Code with something between each two parts. */
export function joined(parts: readonly Printable[], separator: string): Printable {
  return parts.map((part, index) => (index === 0 ? part : [separator, part]));
}
