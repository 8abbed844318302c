import { describe, expect, it } from "vitest";
import { completeTests, hasTestsOf, newServicerTests } from "./servicer-tests.js";
import type { TestOutline } from "./test-outline.js";
import { parseTypeScript } from "./typescript-source.js";

const OK = { code: "OK", title: "ends with OK", remark: undefined };
const raises = (code: string, remark: string) => ({ code, title: `raises ${code}`, remark });
const FROZEN = raises("FROZEN", "FrozenError, FAILED_PRECONDITION");
const GONE = raises("GONE", "GoneError, NOT_FOUND");

const SHOP: TestOutline = {
  service: "shop.v1.ShopService",
  methods: [
    { method: "buy", cases: [OK, FROZEN] },
    { method: "watch", cases: [OK] },
  ],
};

/** What a text becomes: with insertions, or why there are none. */
function completed(text: string, outline: TestOutline = SHOP): string | undefined {
  const completion = completeTests(parseTypeScript("/user/shop.test.ts", text), outline);
  for (const { start, end } of [...(completion?.inserted?.ranges ?? [])].reverse()) {
    expect(end).toBeGreaterThan(start);
  }
  return completion === undefined ? undefined : (completion.inserted?.text ?? text);
}

describe("a servicer's tests", () => {
  it("begin with a case for OK and for each error, which fail", () => {
    expect(newServicerTests(SHOP, "vitest")).toBe(`import { describe, it } from "vitest";

// A case for each way that the contract has a call end. Fill them in; later runs of \`accord scaffold --tests\` add what the contract adds.
describe("shop.v1.ShopService", () => {
  describe("buy", () => {
    it("ends with OK", async () => {
      throw new Error("Not written yet: buy ends with OK");
    });

    // FrozenError, FAILED_PRECONDITION
    it("raises FROZEN", async () => {
      throw new Error("Not written yet: buy raises FROZEN");
    });
  });

  describe("watch", () => {
    it("ends with OK", async () => {
      throw new Error("Not written yet: watch ends with OK");
    });
  });
});
`);
  });

  it.each([
    ["jest", "@jest/globals"],
    ["node", "node:test"],
  ] as const)("are for %s too", (runner, module) => {
    expect(newServicerTests(SHOP, runner)).toContain(`import { describe, it } from "${module}";\n`);
  });

  it("are left alone where nothing is missing", () => {
    const text = newServicerTests(SHOP, "vitest");
    expect(completed(text)).toBe(text);
  });

  it("get what the contract adds, and nothing else", () => {
    const text = newServicerTests({ ...SHOP, methods: SHOP.methods.slice(0, 1) }, "vitest");
    const more: TestOutline = {
      ...SHOP,
      methods: [{ method: "buy", cases: [OK, FROZEN, GONE] }, ...SHOP.methods.slice(1)],
    };
    expect(completed(text, more)).toBe(newServicerTests(more, "vitest"));
  });

  it("are recognised by words in their titles, in the file's own style", () => {
    const text = [
      "import { describe, test } from 'vitest'",
      "describe('shop.v1.ShopService', function () {",
      "\tdescribe('Buy', () => {",
      "\t\ttest.each([1, 2])('is OK, for %d', async () => {})",
      "\t\ttest.skip('FROZEN accounts buy nothing', () => {})",
      "\t})",
      "})",
      "",
    ].join("\r\n");
    const lines = ["\tdescribe('watch', () => {", "\t\ttest('ends with OK', async () => {"];
    const rest = ["\t\t\tthrow new Error('Not written yet: watch ends with OK')", "\t\t})", "\t})", "})", ""];
    expect(completed(text)).toBe([text.slice(0, -6), "", ...lines, ...rest].join("\r\n"));
  });

  it("go into empty and one-line blocks", () => {
    for (const block of ["() => {}", "() => {\n}", "function () { const a = 1; }"]) {
      const text = `describe("shop.v1.ShopService", ${block});\n`;
      const after = completed(text);
      expect(after).toContain('  describe("buy", () => {\n    it("ends with OK"');
      expect(completed(after ?? "")).toBe(after);
    }
  });

  it("aren't completed where there is no block to insert into", () => {
    expect(completed('describe("shop.v1.ShopService", tests);\n')).toBeUndefined();
    expect(hasTestsOf(parseTypeScript("/a.test.ts", 'describe("shop.v1.Other", () => {});'), SHOP.service)).toBe(false);
  });
});
