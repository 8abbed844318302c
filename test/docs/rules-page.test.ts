import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CHANGE_RULES } from "../../plugin/src/cli/breaking/contract-change.js";
import { RULES, type RuleId } from "../../plugin/src/validate/rules.js";

const PAGE = join(import.meta.dirname, "../../docs/rules.md");
const REJECTED = join(import.meta.dirname, "../rejected");

// `npm run generate`, or `UPDATE=1 npx vitest run test/docs`, writes the page anew.
describe("docs/rules.md", () => {
  it("is made of the table of rules", () => {
    const page = rulesPage();
    if (process.env.UPDATE !== undefined) {
      writeFileSync(PAGE, page);
    }
    expect(readFileSync(PAGE, "utf8")).toBe(page);
  });
});

function rulesPage(): string {
  const rows = (Object.keys(RULES) as RuleId[]).map((id) => {
    const { severity, waivable, description } = RULES[id];
    const cell = (text: string) => text.replaceAll("|", "\\|");
    return `| [\`${id}\`](#${id.toLowerCase()}) | ${severity} | ${waivable ? "yes" : "no"} | ${cell(description)} |`;
  });
  const examples = (Object.keys(RULES) as RuleId[]).map(
    (id) => `### ${id}\n\n${RULES[id].description}\n\n${example(id)}`,
  );
  const changes = Object.entries(CHANGE_RULES).map(
    ([id, { severity, description }]) =>
      `### ${id}\n\n${severity === "error" ? "An error" : "A warning"}. ${description}\n`,
  );
  return `# Rules

What \`buf generate\` and \`accord lint\` check of a contract. Everything wrong is reported at once, as \`path:line:col: severity RULE: what, and
what to do\`, with the address of the rule's section on this page. An error writes nothing; warnings go to standard error, once for all entries
of a run. A diagnostic points at the value that it is about: where the compiler doesn't say where that stands (protoc: in any option literal;
buf: in lists and maps), it is read from the proto file, which is looked for in the current folder and below. Columns are the compiler's own: a tab counts as up to four with buf and up to eight with protoc, and
what isn't ASCII as its UTF-16 units with buf, as its bytes with protoc.

A waivable rule is silenced for an element and what is in it by \`allow\`, with the reason for the next reader:

\`\`\`proto
option (accord.v1.method) = {
  allow: [{rule: "RETRY_CODES", reason: "A transfer is booked once per request id, so sending it again is safe."}]
};
\`\`\`

| rule | severity | waivable | what breaks it |
| --- | --- | --- | --- |
${rows.join("\n")}

## Examples

Each rule with diagnostics as they are printed, without the address. The contracts are in [\`test/rejected/\`](../test/rejected), with their lawful
neighbours in [\`test/accepted/\`](../test/accepted).

${examples.join("\n")}
## What \`accord breaking\` compares

${changes.join("\n")}`;
}

/** The first two diagnostics of the rule's own rejected case. */
function example(id: RuleId): string {
  const folder = id.toLowerCase().replaceAll("_", "-");
  if (!existsSync(join(REJECTED, folder))) {
    return "Compilers refuse most of it themselves, so there is no example.\n";
  }
  const lines = readFileSync(join(REJECTED, folder, "expected.txt"), "utf8").split("\n");
  const own = lines.filter((line) => line.includes(` ${id}: `)).slice(0, 2);
  return `\`\`\`text\n${own.map((line) => line.replace(`${folder}/`, "")).join("\n")}\n\`\`\`\n`;
}
