// Looks at each link of the built site, and at the place in the page that it names.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/**
 * @param {string} folder the built site
 * @param {string} base what stands before each path
 * @returns {{ links: number, broken: string[] }} `page: link`, for each that leads nowhere
 */
export function checkLinks(folder, base = "/") {
  const pages = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".html"));
  const read = new Map(pages.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  const anchors = new Map(
    [...read].map(([name, html]) => [
      name,
      new Set([...html.matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id]) => unescaped(id))),
    ]),
  );
  const broken = [];
  let links = 0;
  for (const [page, html] of read) {
    for (const [, attribute] of html.matchAll(/<(?:a|img|link|script)\s[^>]*?(?:href|src)="([^"]*)"/g)) {
      const target = unescaped(attribute);
      if (/^(?:[a-z]+:|\/\/)/.test(target)) {
        continue;
      }
      links += 1;
      if (!leadsSomewhere(page, target)) {
        broken.push(`${page}: ${target}`);
      }
    }
  }
  return { links, broken: [...new Set(broken)] };

  function leadsSomewhere(page, target) {
    const [path = "", anchor] = target.replace(/\?.*?(?=#|$)/, "").split("#");
    const plain = decodeURIComponent(path);
    const file =
      plain === ""
        ? page
        : plain.startsWith("/")
          ? plain.startsWith(base) && plain.slice(base.length)
          : posix.join(posix.dirname(page), plain);
    if (file === false) {
      return false;
    }
    const found = [file, `${file}.html`, posix.join(file, "index.html")].find(
      (name) => /\.\w+$/.test(name) && existsSync(join(folder, name)),
    );
    return found !== undefined && (!anchor || (anchors.get(found)?.has(decodeURIComponent(anchor)) ?? true));
  }
}

function unescaped(text = "") {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
