import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/grpc-js-facts.md"), "utf8");

const folders = new Map([...PAGE.matchAll(/\b([A-Z]) = `([^`]+)`/g)].map(([, letter, folder]) => [letter, folder]));
const facts = PAGE.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:fact|---)/.test(line));

describe("docs/grpc-js-facts.md", () => {
  it("has facts", () => {
    expect(facts.length).toBeGreaterThan(40);
  });

  it.each(facts)("names a test that there is: %s", (line) => {
    const [, letter, file, title = ""] = / \| ([A-Z])\/([\w-]+) › (.+) \|$/.exec(line) ?? [];
    const path = join(ROOT, folders.get(letter) ?? "?", `${file}.test.ts`);
    expect(existsSync(path)).toBe(true);
    const titles = [
      ...readFileSync(path, "utf8").matchAll(/\b(?:it|test|describe)(?:\.each\([\s\S]*?\))?\(\s*(["'`])(.*?)\1,/g),
    ];
    expect(titles.map(([, , each]) => each)).toContain(title);
  });
});
