import { lineText } from "@accord-grpc/runtime/contract";

/** A string literal, with the quotes that need fewer escapes: double ones in doubt. */
export function stringLiteral(text: string): string {
  // Linters take "${x}" in an ordinary literal for a mistake.
  const escaped = escapeControls(text.replaceAll("\\", "\\\\").replaceAll("${", "\\x24{"));
  const [doubles, singles] = [count(text, '"'), count(text, "'")];
  return doubles > singles ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped.replaceAll('"', '\\"')}"`;
}

/** Text for the inside of a template literal. */
export function templateText(text: string): string {
  return escapeControls(text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${"));
}

/** A property's name in a type: quoted only where it must be. */
export function propertyName(name: string): string {
  return isIdentifier(name) ? name : stringLiteral(name);
}

/** A method's name in a type, where `new(…)` would be a constructor. */
export function methodName(name: string): string {
  return name === "new" ? '"new"' : propertyName(name);
}

/** A property's name in an object literal, where `__proto__: …` would set the prototype. */
export function propertyKey(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : propertyName(name);
}

/** `.name`, or `["some-name"]` where the name is no identifier. */
export function propertyAccess(name: string): string {
  return isIdentifier(name) ? `.${name}` : `[${stringLiteral(name)}]`;
}

/** A number literal, with its thousands separated: `5_000`. */
export function numberLiteral(value: number): string {
  const text = String(value);
  return /^[0-9]+$/.test(text) ? text.replace(/(?<=[0-9])(?=(?:[0-9]{3})+$)/g, "_") : text;
}

/** A duration as a person would type it, and as contracts spell it: `1m30s`, `500ms`. */
export function durationText(ms: number): string {
  if (ms === 0 || !Number.isInteger(ms)) {
    return `${ms}ms`;
  }
  const units: readonly [string, number][] = [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
    ["ms", 1],
  ];
  let rest = ms;
  return units
    .map(([unit, length]) => {
      const amount = Math.floor(rest / length);
      rest -= amount * length;
      return amount === 0 ? "" : `${amount}${unit}`;
    })
    .join("");
}

/** `A, B and C`. */
export function enumeration(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/**
 * The lines of a text that comes from outside, each fit to stand in a comment or on a page: what would end a line elsewhere too,
 * or is an order to whatever shows it, is escaped. Tabs stay.
 */
export function cleanLines(text: string): string[] {
  return PRINTABLE.test(text)
    ? text.split("\n")
    : text.split(/\r\n?|[\n\u2028\u2029]/).map((line) => line.split("\t").map(lineText).join("\t"));
}

// Almost all comments are nothing else, and there are many.
const PRINTABLE = /^[\n -~]*$/;

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeControls(text: string): string {
  return lineText(text.replace(/[\n\r\t]/g, (character) => SHORT_ESCAPES[character] ?? character)).replace(
    // What an editor or a decoder would lose.
    /[\ufeff\p{Surrogate}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
