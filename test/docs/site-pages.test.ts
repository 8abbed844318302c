import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

// The site's sidebar is a list: a page that isn't in it would be found by nobody.

const ROOT = join(import.meta.dirname, "../..");
const groups: readonly { readonly title: string; readonly pages: readonly string[] }[] = JSON.parse(
  readFileSync(join(ROOT, "site/page-groups.json"), "utf8"),
);
/** Pages that the site makes of what stands elsewhere. */
const MADE = ["index", "quickstart", "language", "api/index", "changelog", "decisions/index"];

test("each page of docs/ stands once in site/page-groups.json, and nothing else", () => {
  const written = readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.replace(/\.md$/, ""));
  expect(groups.flatMap(({ pages }) => pages).sort()).toEqual([...written, ...MADE].sort());
});
