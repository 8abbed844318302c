import { describe, expect, it } from "vitest";
import { organizeImports } from "./imports.js";
import { layOut } from "./layout.js";

describe("organizeImports", () => {
  it("makes one import of a module's types and values", () => {
    const source = 'import type { B, C } from "./x.js";\nimport { A } from "./x.js";\n\ncode\n';
    expect(layOut(organizeImports(source))).toBe('import { A, type B, type C } from "./x.js";\n\ncode\n');
  });

  it("keeps an import type-only if all of it is", () => {
    const source = 'import type { B, A } from "./x.js";\n\ncode\n';
    expect(layOut(organizeImports(source))).toBe('import type { A, B } from "./x.js";\n\ncode\n');
  });

  it("keeps aliases", () => {
    const source = 'import { Status as Status$1 } from "./x.js";\n';
    expect(layOut(organizeImports(source))).toBe(source);
  });

  it("sorts packages before files, and farther files before nearer ones", () => {
    const modules = ["./a.js", "../a.js", "@acme/x", "../../z.js", "./b/a.js", "@acme/x/y", "acme", "#internal/x"];
    const source = modules.map((from) => `import { x } from "${from}";\n`).join("");
    expect([...organizeImports(source).matchAll(/from "(.*)"/g)].map(([, from]) => from)).toEqual([
      "@acme/x",
      "@acme/x/y",
      "acme",
      "#internal/x",
      "../../z.js",
      "../a.js",
      "./a.js",
      "./b/a.js",
    ]);
  });

  it("sorts names as biome does", () => {
    const names = "Aa, a1, A_, B, a, A$1, AB, A10, A2, _a, ledger, LedgerService, LEDGER_ERROR_MAP, A";
    expect(organizeImports(`import { ${names} } from "x";\n`).match(/[\w$]+/g)).toEqual(
      "import _a A A_ A$1 A2 A10 Aa AB a a1 B LEDGER_ERROR_MAP LedgerService ledger from x".split(" "),
    );
  });

  it("wraps a list that doesn't fit", () => {
    const [a, b, c] = ["a", "b", "c"].map((letter) => letter.repeat(40));
    expect(layOut(organizeImports(`import { ${b}, ${a}, ${c} } from "x";\n`))).toBe(
      `import {\n  ${a},\n  ${b},\n  ${c},\n} from "x";\n`,
    );
  });

  it("keeps a single name on its line, however long that is", () => {
    const source = `import type { ${"a".repeat(130)} as b } from "x";\n`;
    expect(layOut(organizeImports(source))).toBe(source);
  });

  it("leaves code without imports alone", () => {
    const source = 'const a = 1;\n// import { x } from "y";\n';
    expect(organizeImports(source)).toBe(source);
  });
});
