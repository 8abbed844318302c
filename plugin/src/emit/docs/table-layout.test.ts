import { describe, expect, it } from "vitest";
import { alignTables } from "./table-layout.js";

describe("alignTables", () => {
  it("lines up columns, by characters", () => {
    const table = "before\n\n|A|Über|\n|---|---:|\n|`a \\| b`|1|\n| x | 22 |\n\nafter\n";
    expect(alignTables(table)).toBe(
      "before\n\n| A        | Über |\n| -------- | ---: |\n| `a \\| b` | 1    |\n| x        | 22   |\n\nafter\n",
    );
  });

  it("leaves very wide columns alone", () => {
    const wide = "w".repeat(120);
    expect(alignTables(`|A|B|\n|---|---|\n|${wide}|b|\n|x|longer|`)).toBe(
      `| A   | B      |\n| --- | ------ |\n| ${wide} | b      |\n| x   | longer |`,
    );
  });

  it("leaves alone what is no table, or is code", () => {
    const text = "|a|b|\n\n```\n|a|b|\n|---|---|\n|1|2|\n```\n\na | b\n";
    expect(alignTables(text)).toBe(text);
  });
});
