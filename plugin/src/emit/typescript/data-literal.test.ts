import { describe, expect, it } from "vitest";
import { dataLiteral } from "./data-literal.js";

describe("dataLiteral", () => {
  it("keeps on a line what fits", () => {
    expect(dataLiteral({ a: [1, "x", true], "b-c": {} }, 0, 0)).toBe('{ a: [1, "x", true], "b-c": {} }');
  });

  it("breaks what doesn't fit", () => {
    const long = "x".repeat(100);
    expect(dataLiteral({ long, short: [1] }, 2, 10)).toBe(`{\n    long: "${long}",\n    short: [1],\n  }`);
  });

  it("leaves room for the comma that follows", () => {
    // `["x…x"]` has 54 columns.
    expect(dataLiteral(["x".repeat(50)], 0, 66)).toContain("\n");
    expect(dataLiteral(["x".repeat(50)], 0, 65)).not.toContain("\n");
  });

  it("always breaks a list of objects with several properties each, as biome does", () => {
    expect(
      dataLiteral(
        [
          { a: 1, b: 2 },
          { a: 3, b: 4 },
        ],
        0,
        0,
      ),
    ).toBe("[\n  { a: 1, b: 2 },\n  { a: 3, b: 4 },\n]");
    expect(dataLiteral([{ a: 1, b: 2 }, { a: 3 }], 0, 0)).toBe("[{ a: 1, b: 2 }, { a: 3 }]");
  });

  it("gives the data back when it is evaluated", () => {
    const data = { methodConfig: [{ name: [{ service: "a.B", method: "C" }], timeout: "5.000000000s" }], n: 65_536 };
    expect(new Function(`return ${dataLiteral(data, 0, 0)}`)()).toEqual(data);
  });
});
