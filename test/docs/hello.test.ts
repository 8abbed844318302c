import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeBlocks } from "../consumer/code-blocks.js";

// example/hello is the quickstart, file by file. `consumer.suite.ts` builds and runs it.

const ROOT = join(import.meta.dirname, "../..");
const blocks = codeBlocks(readFileSync(join(ROOT, "README.md"), "utf8"));

test.each([...blocks])("%s stands in example/hello as in the README", (path, text) => {
  expect(readFileSync(join(ROOT, "example/hello", path), "utf8")).toBe(text);
});

test("its programs have sixty lines at the most", () => {
  const programs = [...blocks].filter(([path]) => path.startsWith("src/"));
  const lines = programs.flatMap(([, text]) => text.split("\n").filter((line) => line.trim() !== ""));
  expect(programs).toHaveLength(2);
  expect(lines.length).toBeLessThanOrEqual(60);
});
