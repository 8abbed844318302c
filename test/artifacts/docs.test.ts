import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { generateArtifacts } from "./generate-artifacts.js";

// The pages themselves are compared in test/golden; here is what must hold of any.
const CASES = ["operations", "operations_bare", "ledger", "shared-directory", "hostile"];

/** Markdown without its code: there, nothing is a link or a tag. */
function withoutCode(markdown: string): string {
  return markdown
    .replace(/^( {0,3})(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ {0,3}\2[`~]*$/gm, "")
    .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "code");
}

function anchorsOf(markdown: string): Set<string> {
  const text = withoutCode(markdown);
  const explicit = [...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id = ""]) => id);
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
  return new Set([...explicit, ...headings]);
}

function linksOf(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/(?<!\\)\]\(<?([^)>\s]+)>?\)/g)].map(([, target = ""]) => target);
}

/** The links of pages that lead nowhere. */
function brokenLinks(files: ReadonlyMap<string, string>): string[] {
  return [...files]
    .filter(([path]) => path.endsWith(".md"))
    .flatMap(([path, markdown]) =>
      linksOf(markdown)
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => {
          const [file = "", anchor] = link.split("#");
          const target = files.get(file === "" ? path : posix.join(posix.dirname(path), file));
          return target === undefined || (anchor !== undefined && !anchorsOf(target).has(anchor));
        })
        .map((link) => `${path}: ${link}`),
    );
}

describe.each(CASES)("the docs of %s", (goldenCase) => {
  it("have links that lead somewhere", async () => {
    const files = await generateArtifacts(goldenCase, "artifacts=docs");
    const pages = [...files].filter(([path]) => path.endsWith(".md"));
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap(([, markdown]) => linksOf(markdown)).length).toBeGreaterThan(0);
    expect(brokenLinks(files)).toEqual([]);
  });

  it("show each picture that there is", async () => {
    const files = await generateArtifacts(goldenCase, "artifacts=docs");
    const pictures = [...files.keys()].filter((path) => path.endsWith(".svg"));
    const shown = [...files]
      .filter(([path]) => path.endsWith(".md"))
      .flatMap(([path, markdown]) => linksOf(markdown).map((link) => posix.join(posix.dirname(path), link)));
    expect(pictures.filter((path) => !shown.includes(path))).toEqual([]);
  });

  it("have an anchor once, and tables with as many cells in each row", async () => {
    const files = await generateArtifacts(goldenCase, "artifacts=docs");
    for (const [path, markdown] of files) {
      const ids = [...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id);
      expect(new Set(ids).size, path).toBe(ids.length);
      let cells: number | undefined;
      for (const line of withoutCode(markdown).split("\n")) {
        const count = /^\|.*\|$/.test(line) ? line.split(/(?<!\\)\|/).length : undefined;
        expect(cells === undefined || count === undefined || count === cells, `${path}: ${line}`).toBe(true);
        cells = count;
      }
    }
  });

  it("leave nothing of a template or of JavaScript behind", async () => {
    const files = await generateArtifacts(goldenCase, "artifacts=docs");
    for (const [path, text] of files) {
      expect(withoutCode(text), path).not.toMatch(/\{\{|\}\}|undefined|\[object|NaN|Infinity/);
      expect(text, path).toMatch(/[^\n]\n$/);
      expect(text, path).not.toMatch(/[ \t]$/m);
    }
  });
});

it("finds a broken link", () => {
  const files = new Map([["a/b.md", "# One\n[x](#one) [y](#two) [z](c.md) `[code](no.md)` ![p](d.svg)"]]);
  expect(brokenLinks(files)).toEqual(["a/b.md: #two", "a/b.md: c.md", "a/b.md: d.svg"]);
});

describe("the page of an annotated service", () => {
  const page = async () =>
    (await generateArtifacts("operations", "artifacts=docs")).get("orders/v1/docs/OrderService.md") ?? "";

  it("shows the worst case with its arithmetic", async () => {
    expect(await page()).toContain(
      "1.2 × (1 s + 2 s + 2.5 s) = 6.6 s. Of the deadline of 60 s that leaves 53.4 s for 4 attempts, 13.35 s each.",
    );
  });

  it("carries comments over: Markdown stays, HTML and headings don't get in", async () => {
    const markdown = await page();
    expect(markdown).toContain("A `Map<string, Order>` in code is left alone, but a &lt;b>tag&lt;/b> isn't HTML.");
    expect(markdown).toContain("**Not a heading**");
    expect(markdown).toContain("sold out \\| withdrawn. |");
    expect(markdown).toContain("{sku} isn't for sale (state \\| {state})");
  });

  it("tells who sends a failed call again", async () => {
    const markdown = await page();
    const row = (code: string) =>
      markdown.split("\n").find((line) => line.startsWith(`| [\`${code}\``) && line.split("|").length > 6);
    expect(row("TOO_BUSY")).toContain("by the client itself, after 250 ms (Place, Change)");
    expect(row("ORDER_CHANGED")).toContain("no: the server forbids it");
    expect(row("NOT_FOR_SALE")).toMatch(/\| no +\|/);
  });
});

describe("pictures", () => {
  it("say what they show, and follow light and dark", async () => {
    const files = await generateArtifacts("operations", "artifacts=docs");
    const pictures = [...files].filter(([path]) => path.endsWith(".svg"));
    expect(pictures.map(([path]) => path)).toEqual([
      "orders/v1/docs/BackOfficeService.CleanUp.svg",
      "orders/v1/docs/OrderService.Change.svg",
      "orders/v1/docs/OrderService.Get.svg",
      "orders/v1/docs/OrderService.Place.svg",
      "orders/v1/docs/grpc_load_balancing.svg",
    ]);
    for (const [, svg] of pictures) {
      expect(svg).toMatch(
        /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]* role="img" aria-labelledby="title description"/,
      );
      expect(svg).toMatch(/<title id="title">[^<]+<\/title>\n\s*<desc id="description">[^<]+<\/desc>/);
      expect(svg).toContain("@media (prefers-color-scheme: dark)");
      expect(svg).not.toContain("NaN");
    }
  });

  it("stay within their frames", async () => {
    const files = await generateArtifacts("operations", "artifacts=docs");
    for (const [path, svg] of files) {
      for (const [, x = "", width = ""] of svg.matchAll(/<rect x="([\d.-]+)"[^>]* width="([\d.-]+)"/g)) {
        expect(Number(x), path).toBeGreaterThanOrEqual(0);
        expect(Number(x) + Number(width), path).toBeLessThanOrEqual(760);
      }
    }
  });
});
