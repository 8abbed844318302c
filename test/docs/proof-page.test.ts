import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pageParts, readPart, writePart } from "../proof/proof-page.js";
import { SUITES } from "../proof/suites.js";

const ROOT = join(import.meta.dirname, "../..");

// A page says what the suites' last runs saved. `npm run proof` writes it in, and so does `UPDATE=1 npx vitest run test/docs`.
describe("proof", () => {
  it.each(pageParts(ROOT, SUITES).map((part) => [part.page, part.name, part] as const))(
    "%s has the results of the last runs: %s",
    (_page, _name, part) => {
      expect(readPart(ROOT, part)).toBeDefined();
      if (process.env.UPDATE !== undefined) {
        writePart(ROOT, part);
      }
      expect(readPart(ROOT, part)).toBe(part.text);
    },
  );
});
