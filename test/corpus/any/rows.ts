import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { checkProtos, type Row } from "./check-protos.js";
import { compileSource, type Source } from "./compile-source.js";

// Started by `npm run corpus`, which prints the rows.

const { sources, output }: { sources: readonly (Source & { name: string })[]; output: string } = JSON.parse(
  process.env.ACCORD_CORPUS ?? '{"sources":[],"output":""}',
);
const rows: Row[] = [];

it.each(sources.map((source) => [source.name, source] as const))("%s", async (name, source) => {
  rows.push(await checkProtos(name, compileSource(source)));
  writeFileSync(output, JSON.stringify(rows));
});

it("there is something to check", () => {
  expect(rows).not.toEqual([]);
});
