// The pages that stand in docs/ as GitHub shows them, the README and the changelog, with their links as the site has them.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { titleOf } from "./page.mjs";

const REPOSITORY = "https://github.com/accord-grpc/accord";
const QUICKSTART = "Use it in your project";
/** Pages that don't stand in docs/: where they are read from, and what they are called. */
const ELSEWHERE = { "README.md": "index.md", "CHANGELOG.md": "changelog.md" };

/**
 * @param {string} root the repository
 * @param {string} out where pictures are copied to
 * @returns {Map<string, string>} pages by their path in the site
 */
export function writtenPages(root, out) {
  const pages = new Map();
  const relink = (text, from, to) => withSiteLinks(text, { root, out, from, to });
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const quickstart = section(readme, QUICKSTART);
  pages.set("index.md", relink(readme.replace(quickstart, ""), "README.md", "index.md"));
  pages.set("quickstart.md", relink(quickstart.replace(/^## .*/, "# Quickstart"), "README.md", "quickstart.md"));
  pages.set("changelog.md", relink(readFileSync(join(root, "CHANGELOG.md"), "utf8"), "CHANGELOG.md", "changelog.md"));
  for (const name of markdownIn(join(root, "docs"))) {
    const from = posix.join("docs", name);
    pages.set(name, relink(readFileSync(join(root, from), "utf8"), from, name));
  }
  pages.set("decisions/index.md", decisions(pages));
  return pages;
}

/** @returns {string[]} paths below a folder, with `/` on Windows, too */
function markdownIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".md"))
    .sort();
}

function decisions(pages) {
  const rows = [...pages]
    .filter(([path]) => path.startsWith("decisions/"))
    .map(([path, text]) => `- [${titleOf(text)}](${basename(path)})`);
  return `# Decisions\n\nWhat a reader of the code would wonder at: what was decided, why, what was measured, and when to look again.\n\n${rows.join("\n")}\n`;
}

/** A section, from its heading to the next of its level. */
function section(text, heading) {
  const start = text.indexOf(`\n## ${heading}\n`) + 1;
  if (start === 0) {
    throw new Error(`The README has no section "${heading}".`);
  }
  const next = text.indexOf("\n## ", start);
  return text.slice(start, next < 0 ? undefined : next + 1);
}

/** Links of the repository as links of the site: pages to pages, pictures beside them, all else to where it stands on GitHub. */
function withSiteLinks(markdown, { root, out, from, to }) {
  return outsideOfCode(markdown, (text) =>
    text.replace(/(!?\[(?:[^\][]|\[[^\]]*\])*\]\()([^)\s]+)((?: "[^"]*")?\))/g, (all, before, target, after) => {
      if (/^[a-z]+:/.test(target)) {
        return all;
      }
      return `${before}${siteLink(target, { root, out, from, to, isPicture: before.startsWith("!") })}${after}`;
    }),
  );
}

function siteLink(target, { root, out, from, to, isPicture }) {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? from : posix.normalize(posix.join(posix.dirname(from), path)).replace(/\/$/, "");
  if (!existsSync(join(root, file))) {
    throw new Error(`${from}: a link to ${target}, which isn't there.`);
  }
  if (isPicture) {
    const copied = posix.join("pictures", basename(file));
    mkdirSync(join(out, "pictures"), { recursive: true });
    copyFileSync(join(root, file), join(out, copied));
    return relative(to, copied);
  }
  const page = pageOf(file, anchor);
  const hash = anchor === undefined ? "" : `#${anchor}`;
  if (page !== undefined) {
    return page.path === to && hash !== "" ? hash : `${relative(to, page.path)}${page.keepsAnchor ? hash : ""}`;
  }
  const kind = statSync(join(root, file)).isDirectory() ? "tree" : "blob";
  return `${REPOSITORY}/${kind}/main/${file}${hash}`;
}

function pageOf(file, anchor) {
  if (file === "README.md" && anchor === QUICKSTART.toLowerCase().replaceAll(" ", "-")) {
    return { path: "quickstart.md", keepsAnchor: false };
  }
  if (file === "docs/decisions") {
    return { path: "decisions/index.md", keepsAnchor: false };
  }
  if (file === "proto/accord/v1/options.proto") {
    return { path: "language.md", keepsAnchor: false };
  }
  if (Object.hasOwn(ELSEWHERE, file)) {
    return { path: ELSEWHERE[file], keepsAnchor: true };
  }
  return file.startsWith("docs/") && file.endsWith(".md")
    ? { path: file.slice("docs/".length), keepsAnchor: true }
    : undefined;
}

function relative(from, to) {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

function outsideOfCode(markdown, change) {
  return markdown
    .split(/(^```[\s\S]*?^```$)/gm)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join("");
}
