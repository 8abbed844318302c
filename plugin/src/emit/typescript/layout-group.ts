import { Mark } from "./layout-marks.js";
import type { Printable } from "./typescript-file.js";

// What an emitter prints where a line may have to be broken. See `layOut`.

/** `(a, b)`: arguments, or parameters. */
export function parentheses(items: readonly Printable[]): Printable {
  return delimited("(", items, ")", { trailing: "," });
}

/** `(a, { b })`: arguments of which the last, made by {@link braces} or {@link brackets}, is broken alone if that is enough. */
export function huggingParentheses(items: readonly Printable[]): Printable {
  return delimited("(", items, ")", { trailing: ",", hug: true });
}

/**
 * `(a, b)(c)`: arguments of a function that another one returns. The first are broken before the second: biome does so where there are
 * more of them.
 */
export function curriedParentheses(first: readonly Printable[], second: readonly Printable[]): Printable {
  return delimited("(", first, ")", { trailing: ",", behind: parentheses(second) });
}

/** `[a, b]` */
export function brackets(items: readonly Printable[]): Printable {
  return delimited("[", items, "]", { trailing: "," });
}

/** `{ a, b }`: an object literal, or the names of an import. */
export function braces(items: readonly Printable[]): Printable {
  return delimited("{", items, "}", { trailing: ",", padding: " " });
}

/** `{ a: A; b: B }`: the members of a type. */
export function typeLiteral(members: readonly Printable[]): Printable {
  return delimited("{", members, "}", { separator: ";", trailing: ";", padding: " " });
}

/** `<A, B>` where type parameters are declared. */
export function typeParameters(items: readonly Printable[]): Printable {
  return delimited("<", items, ">", { trailing: "," });
}

/** `<A, B>` where a type is given its arguments. */
export function typeArguments(items: readonly Printable[]): Printable {
  return delimited("<", items, ">", { trailing: "" });
}

/** ` A | B` behind `=` or `:`. Broken, each member has a line that starts with `|`. */
export function union(members: readonly Printable[]): Printable {
  const [first, ...others] = members;
  if (first === undefined || others.length === 0) {
    return indented(first ?? "never");
  }
  const start = [Mark.break, " ", Mark.ifBroken, "| ", Mark.endIfBroken];
  return [Mark.group, start, first, others.map((other) => [Mark.break, " | ", other]), Mark.end];
}

/** ` value` behind `=` or `:`, on a line of its own if it doesn't fit. */
export function indented(value: Printable): Printable {
  return [Mark.group, Mark.break, " ", value, Mark.end];
}

/** ` name(…)` behind `=` or `:`. It starts a line of its own only if the name doesn't fit before that. */
export function assignedCall(call: Printable): Printable {
  return [Mark.hug, Mark.break, " ", call, Mark.end];
}

interface Delimiting {
  /** Between two items. Default: a comma. */
  readonly separator?: string;
  /** Behind the last item, if each has a line of its own. */
  readonly trailing: string;
  /** Between the brackets and the items, if all is on one line. */
  readonly padding?: string;
  readonly hug?: boolean;
  /** What belongs to the group behind the closing bracket. */
  readonly behind?: Printable;
}

function delimited(open: string, items: readonly Printable[], close: string, style: Delimiting): Printable {
  const [first, ...others] = items;
  if (first === undefined) {
    return [open, close, style.behind ?? []];
  }
  const { separator = ",", trailing, padding = "", hug = false, behind = [] } = style;
  return [
    hug ? Mark.hug : Mark.group,
    [open, Mark.break, padding, first],
    others.map((item) => [separator, Mark.break, " ", item]),
    trailing === "" ? [] : [Mark.ifBroken, trailing, Mark.endIfBroken],
    [Mark.lastBreak, padding, close, behind, Mark.end],
  ];
}

/** `condition ? one : other` */
export function choice(condition: Printable, one: Printable, other: Printable): Printable {
  return [Mark.group, condition, Mark.break, " ? ", one, Mark.break, " : ", other, Mark.end];
}

/** `object.property` */
export function memberAccess(object: Printable, property: string): Printable {
  return [Mark.group, object, Mark.break, ".", property, Mark.end];
}

/** `one ?? other`, behind `=` or `:` and so in {@link indented} */
export function fallback(one: Printable, other: Printable): Printable {
  return [Mark.group, one, " ??", Mark.lastBreak, " ", other, Mark.end];
}
