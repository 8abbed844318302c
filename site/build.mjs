// `npm run site`: the documentation as a site, in site/build/site. Everything in it is made of what stands elsewhere: docs/, the
// README, the list of rules, options.proto, the sources' comments. A link that leads nowhere fails.
//
//   --serve   shows it at http://127.0.0.1:4173 afterwards
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "../scripts/programs.mjs";
import { checkLinks } from "./check-links.mjs";
import { languagePage } from "./pages/language-page.mjs";
import { languageModelFiles } from "./pages/llms.mjs";
import { titleOf } from "./pages/page.mjs";
import { rulePages, rulesIndex } from "./pages/rule-pages.mjs";
import { writtenPages } from "./pages/written-pages.mjs";

const site = dirname(fileURLToPath(import.meta.url));
const root = join(site, "..");
const build = join(site, "build");
const sources = join(build, "pages");
const built = join(build, "site");

install();
for (const folder of [sources, built]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
say("Reading pages");
const pages = writtenPages(root, sources);
pages.set("rules.md", rulesIndex(pages.get("rules.md") ?? ""));
pages.set("language.md", await languagePage(root));
const rules = await rulePages(root);
say("Reading the sources' comments");
const { writeApiPages } = await import("./pages/api-pages.mjs");
await writeApiPages(root, join(sources, "api"));
for (const [path, text] of [...pages, ...rules]) {
  mkdirSync(dirname(join(sources, path)), { recursive: true });
  writeFileSync(join(sources, path), withoutTemplates(text));
}
const groups = JSON.parse(readFileSync(join(site, "page-groups.json"), "utf8"));
pages.set("api/index.md", readFileSync(join(sources, "api/index.md"), "utf8"));
writeFileSync(join(build, "sidebar.json"), JSON.stringify(sidebar()));

say("Building");
const { build: buildSite, serve } = await import("vitepress");
await buildSite(site);
for (const [name, text] of Object.entries(languageModelFiles(groups, pages))) {
  writeFileSync(join(built, name), text);
}
// Each page as it was written, beside it.
for (const name of readdirSync(sources, { recursive: true, encoding: "utf8" })) {
  if (name.endsWith(".md")) {
    copyFileSync(join(sources, name), join(built, name));
  }
}
const { links, broken } = checkLinks(built, process.env.SITE_BASE);
if (broken.length > 0 || links === 0) {
  process.stderr.write(`Links that lead nowhere, of ${links}:\n${broken.map((line) => `  ${line}\n`).join("")}`);
  process.exit(1);
}
say(`${links} links, and each leads somewhere. The site is in ${built}`);
if (process.argv.includes("--serve")) {
  await serve({ root: site, port: 4173 });
}

/** What the site is built with is installed here, and nowhere else. */
function install() {
  const lock = readFileSync(join(site, "package-lock.json"), "utf8");
  const stamp = join(site, "node_modules/.accord-installed");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
    say("Installing what the site is built with");
    const install = program("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    execFileSync(...install, { cwd: site, stdio: ["ignore", "inherit", "inherit"] });
    writeFileSync(stamp, lock);
  }
}

function sidebar() {
  const item = (name) => {
    const text = pages.get(`${name}.md`);
    if (text === undefined) {
      throw new Error(`page-groups.json has ${name}, which is no page.`);
    }
    return { text: name === "index" ? "Accord" : titleOf(text), link: `/${name.replace(/(^|\/)index$/, "$1")}` };
  };
  const below = {
    rules: [...rules.keys()].map((path) => ({ text: titleOf(rules.get(path)), link: `/${path.replace(/\.md$/, "")}` })),
    "decisions/index": [...pages.keys()]
      .filter((path) => path.startsWith("decisions/") && path !== "decisions/index.md")
      .sort()
      .map((path) => item(path.replace(/\.md$/, ""))),
  };
  return groups.map(({ title, pages: names }) => ({
    text: title,
    collapsed: false,
    items: names.map((name) => (below[name] ? { ...item(name), collapsed: true, items: below[name] } : item(name))),
  }));
}

/** Pages are templates to VitePress: `{{` would be evaluated. In code it isn't. */
function withoutTemplates(text) {
  return text
    .split(/(^```[\s\S]*?^```$|`[^`\n]*`)/gm)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("{{", "&#123;&#123;")))
    .join("");
}

function say(what) {
  process.stderr.write(`${what} …\n`);
}
