import { expect, it } from "vitest";
import { parseMessageTemplate } from "./message-template.js";

it.each([
  ["", []],
  ["Plain", [{ text: "Plain" }]],
  ["{a}", [{ key: "a" }]],
  ["{a}{b} c", [{ key: "a" }, { key: "b" }, { text: " c" }]],
  ["costs $5 `now` \\ {a}", [{ text: "costs $5 `now` \\ " }, { key: "a" }]],
  ["{}", [{ key: "" }]],
])("takes %j apart", (template, parts) => {
  expect(parseMessageTemplate(template)).toEqual({ parts, problem: undefined });
});

it.each(["{", "}", "a { b", "a } b {c}", "{a{b}", "{a}}"])("tells of the brace in %j", (template) => {
  expect(parseMessageTemplate(template).problem).toMatch(/the `[{}]` near .* has no partner/);
});
