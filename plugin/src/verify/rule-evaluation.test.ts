import { expect, it } from "vitest";
import type { Bound } from "../model/validation.js";
import { isBroken } from "./rule-evaluation.js";

const within: readonly Bound[] = [
  { operator: ">=", value: 5 },
  { operator: "<=", value: 50 },
];
const beyond: readonly Bound[] = [
  { operator: ">", value: 50 },
  { operator: "<", value: 5 },
];

it.each([
  [4, true, false],
  [5, false, true],
  [50, false, true],
  [51, true, false],
])("%s is outside of 5 to 50: %s, outside of all else: %s", (value, outside, inside) => {
  expect(isBroken({ kind: "outside", bounds: within, joined: "&&" }, value)).toBe(outside);
  expect(isBroken({ kind: "outside", bounds: beyond, joined: "||" }, value)).toBe(inside);
});

it("can't be told of what is no number", () => {
  expect(isBroken({ kind: "outside", bounds: within, joined: "&&" }, "7")).toBeUndefined();
});

it.each([
  ["<", 4, true],
  ["<", 5, false],
  [">", 5, false],
  ["===", 5, true],
  ["!==", 5, false],
] as const)("a value is broken if it compares: v %s 5 with %s", (operator, value, broken) => {
  expect(isBroken({ kind: "compare", measure: "value", operator, bound: 5 }, value)).toBe(broken);
});
