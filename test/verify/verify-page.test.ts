import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../plugin/src/cli/cli.fixture.js";
import { VERIFY_RULES } from "../../plugin/src/verify/verify-rules.js";

const PAGE = join(ROOT, "docs/verify.md");

// With UPDATE=1, the page is written anew.
it("docs/verify.md lists each rule as the command tells it", () => {
  const rows = Object.entries(VERIFY_RULES).map(([id, { severity, asks }]) => `| \`${id}\` | ${severity} | ${asks} |`);
  const table = ["| rule | | what it asks |", "| --- | --- | --- |", ...rows].join("\n");
  const text = readFileSync(PAGE, "utf8");
  const wanted = text.replace(
    /(<!-- verify: rules -->\n).*(<!-- \/verify -->)/s,
    (_, start: string, end: string) => `${start}${table}\n${end}`,
  );
  if (process.env.UPDATE !== undefined) {
    writeFileSync(PAGE, wanted);
  }
  expect(readFileSync(PAGE, "utf8")).toBe(wanted);
});
