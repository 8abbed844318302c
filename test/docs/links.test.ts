import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

// Links between pages, and to places in them, as GitHub reads them.

const ROOT = join(import.meta.dirname, "../..");
const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "example/README.md", "runtime/README.md", "plugin/README.md"],
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
].filter((page) => existsSync(join(ROOT, page)));

/** A page without its code, which may have brackets of its own. */
function textOf(page: string): string {
  return readFileSync(join(ROOT, page), "utf8")
    .replace(/^```[\s\S]*?^```$/gm, "")
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ""));
}

/** GitHub's anchors: headings in lower case, without punctuation, blanks as `-`; of two alike, the second has a number. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = readFileSync(join(ROOT, page), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  const seen = new Map<string, number>();
  const anchors = [...text.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = ""]) => {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
    const slug = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
  return new Set([...anchors, ...[...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = ""]) => id)]);
}

test("there are pages", () => {
  expect(PAGES.length).toBeGreaterThan(20);
});

test.each(PAGES)("the links of %s lead somewhere", (page) => {
  const broken: string[] = [];
  for (const [, target = ""] of textOf(page).matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)) {
    if (/^[a-z]+:/.test(target)) {
      continue;
    }
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    const isThere = existsSync(join(ROOT, file));
    if (!isThere || (anchor !== undefined && file.endsWith(".md") && !anchorsOf(file).has(anchor))) {
      broken.push(target);
    }
  }
  expect(broken).toEqual([]);
});
