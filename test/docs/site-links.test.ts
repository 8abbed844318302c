import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkLinks } from "../../site/check-links.mjs";

// What `npm run site` finds of links that lead nowhere.

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-links-"));
  write("index.html", "");
  write("guide/page.html", '<h2 id="a-place">A place</h2><h2 id="straße">S</h2>');
  write("picture.svg", "");
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, html: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), html);
}

function broken(target: string, base?: string): readonly string[] {
  write("guide/from.html", `<p id="here"></p><a class="x" href="${target}">link</a>`);
  return checkLinks(folder, base).broken;
}

test.each([
  "page.html",
  "./page.html#a-place",
  "/guide/page#a-place",
  "page.html#stra%C3%9Fe",
  "/",
  "../",
  "#here",
  "/picture.svg?v=1#any",
  "https://example.com/none#nowhere",
])("%s leads somewhere", (target) => {
  expect(broken(target)).toEqual([]);
});

test.each(["none.html", "page.html#another-place", "/guide/none", "#there", "../none.svg", "/guide"])(
  "%s leads nowhere",
  (target) => {
    expect(broken(target)).toEqual([`guide/from.html: ${target}`]);
  },
);

test("paths begin with the site's own", () => {
  expect(broken("/accord/guide/page.html", "/accord/")).toEqual([]);
  expect(broken("/guide/page.html", "/accord/")).toEqual(["guide/from.html: /guide/page.html"]);
});
