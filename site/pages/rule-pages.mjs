// A page for each rule, made of the table of rules and of the cases of its tests.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * @param {string} root the repository, with the plugin built
 * @returns {Promise<Map<string, string>>} pages by their path in the site
 */
export async function rulePages(root) {
  const built = (path) => import(pathToFileURL(join(root, "plugin/dist/esm", path)).href);
  const { RULES } = await built("validate/rules.js");
  return new Map(Object.entries(RULES).map(([id, rule]) => [rulePath(id), rulePage(root, id, rule)]));
}

/** Where a rule's page is. */
export function rulePath(id) {
  return `rules/${id.toLowerCase()}.md`;
}

/** The page of all rules: as GitHub shows it, but that its rows lead to the rules' own pages, and its examples stand there. */
export function rulesIndex(page) {
  const [before = "", after = ""] = page.split(/^## Examples$/m);
  const changes = after.slice(after.indexOf("\n## "));
  // The anchors that diagnostics and older links name are those of the rows.
  const rows = before.replace(
    /^\| \[`(\w+)`\]\(#(\w+)\)/gm,
    (_, id, anchor) => `| <a id="${anchor}"></a>[\`${id}\`](./${rulePath(id)})`,
  );
  return `${rows}Each rule's page has diagnostics as they are printed, and the contracts that get them.\n${changes}`;
}

function rulePage(root, id, { severity, waivable, description }) {
  const waiver = waivable
    ? `It can be waived where there is a reason: \`allow: [{rule: "${id}", reason: "…"}]\`, at the element or around it.`
    : "It can't be waived.";
  const kind =
    severity === "error"
      ? "An error: nothing is generated."
      : severity === "warning"
        ? "A warning."
        : "An error or a warning.";
  return [`# ${id}`, description, `${kind} ${waiver} [All rules](../rules.md).`, ...cases(root, id), ""].join("\n\n");
}

function cases(root, id) {
  const name = id.toLowerCase().replaceAll("_", "-");
  const rejected = join(root, "test/rejected", name);
  const parts = [];
  if (existsSync(rejected)) {
    const lines = readFileSync(join(rejected, "expected.txt"), "utf8").trimEnd().replaceAll(`${name}/`, "");
    parts.push("## What it says", block("text", lines), "of", ...protos(rejected));
  } else {
    parts.push("Compilers refuse most of it themselves, so there is no example.");
  }
  const accepted = join(root, "test/accepted", name);
  if (existsSync(accepted)) {
    parts.push("## What it has nothing against", ...protos(accepted));
  }
  return parts;
}

function protos(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".proto"))
    .sort()
    .flatMap((name) => [`\`${name}\``, block("proto", readFileSync(join(folder, name), "utf8").trimEnd())]);
}

function block(language, text) {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
