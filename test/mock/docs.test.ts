import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FAULTS } from "@accord-grpc/runtime/testing";
import { expect, it } from "vitest";
import { codeBlocks } from "../consumer/code-blocks.js";

const repository = join(import.meta.dirname, "../..");
const page = readFileSync(join(repository, "docs/mock.md"), "utf8");

it("shows files of the example as they are, which its tests play", () => {
  const blocks = codeBlocks(page);
  expect([...blocks.keys()]).toEqual([
    "example/mock/ledger.mock.yaml",
    "example/src/apps/payments-server/payments-mocked.test.ts",
  ]);
  for (const [path, text] of blocks) {
    expect(text, path).toBe(readFileSync(join(repository, path), "utf8"));
  }
});

it("lists each fault", () => {
  const listed = [...page.matchAll(/^\| `(\w+)` \| .* \| .* \|$/gm)].map(([, name]) => name);
  expect(listed).toEqual(Object.keys(FAULTS));
});
