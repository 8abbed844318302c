import fc from "fast-check";
import { expect, it } from "vitest";
import { requestWith } from "../../hostile-text.fixture.js";
import { generate } from "../../plugin.js";
import { elementsOf, type RenderedElement } from "./html.fixture.js";
import { cell, code, plain, prose } from "./markdown.js";

// `npm run attack` tries more.
const TIMES = Number(process.env.ATTACK_TIMES ?? 1);

// What Markdown and HTML are made of, and what was found to confuse them.
const PIECES = [
  ...[
    "<x-evil>",
    "<x-evil onclick=evil()>",
    "</x-evil>",
    "<script>evil()</script>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
  ],
  ...[
    "`",
    "``",
    "```",
    "~~~",
    "````",
    "\\",
    "\\\\",
    "*",
    "**",
    "_",
    "~~",
    "#",
    "# ",
    "- ",
    "1. ",
    "> ",
    "+ ",
    "    ",
    "\t",
  ],
  ...[
    "\n",
    "\n\n",
    "\r",
    " ",
    "|",
    "| a | b |\n|---|---|\n",
    ":-:|:-:",
    "---",
    "===",
    "***",
    "&lt;",
    "&#60;",
    "&colon;",
    "&amp;",
  ],
  ...[
    "[a](",
    ")",
    "![a](",
    "[a]: ",
    "[a]",
    "[a][b]",
    "<",
    ">",
    '"',
    "'",
    "(",
    "javascript:evil()",
    "JAVASCRIPT:evil()",
    "data:text/html,x",
  ],
  ...[
    "https://example.com/",
    "vbscript:x",
    "java\nscript:evil()",
    "&#x6a;avascript:evil()",
    "word",
    "snake_case",
    "é",
    "😀",
    "{{x}}",
    "[ ]",
    "[^1]: ",
  ],
];

const comment = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(""));

// What Markdown itself makes. `a id` is the page's own, for its anchors.
const LAWFUL: Readonly<Record<string, readonly string[]>> = {
  ...{ p: [], em: [], strong: [], s: [], code: ["class"], pre: [], blockquote: [], ul: [], ol: ["start"], li: [] },
  ...{ a: ["href", "title", "id"], img: ["src", "alt", "title"], br: [], h1: [], h2: [], h3: [] },
  ...{ table: [], thead: [], tbody: [], tr: [], th: ["style"], td: ["style"] },
};

function expectHarmless(elements: readonly RenderedElement[]): void {
  for (const { name, attributes } of elements) {
    expect(Object.keys(LAWFUL), name).toContain(name);
    for (const [attribute, value] of Object.entries(attributes)) {
      expect(LAWFUL[name], name).toContain(attribute);
      if (attribute === "href" || attribute === "src") {
        // As a browser resolves it.
        expect(["http:", "https:", "mailto:"]).toContain(new URL(value, "https://example.com/").protocol);
      }
      if (attribute === "style") {
        expect(value).toMatch(/^text-align:(?:left|right|center)$/);
      }
    }
  }
}

it("makes no element that Markdown doesn't make, and no dangerous link, of any comment", () => {
  fc.assert(
    fc.property(comment, (text) => {
      const page = prose(text);
      expectHarmless(elementsOf(page));
      expect(elementsOf(page).map(({ name }) => name)).not.toContain("h1");
    }),
    { numRuns: 400 * TIMES },
  );
});

it("makes none of what stands in a table, a heading or a line", () => {
  fc.assert(
    fc.property(comment, comment, (one, two) => {
      const cells = [prose(one), plain(two), code(one), prose(two), plain(one)].map(cell);
      const page = [
        "# a",
        "| a | b | c | d | e |\n|---|---|---|---|---|",
        `| ${cells.join(" | ")} |`,
        "",
        `### ${plain(one)}`,
        "",
        `${plain(two)}, ${code(two)}`,
      ].join("\n");
      const elements = elementsOf(page);
      expectHarmless(elements);
      const count = (tag: string) => elements.filter(({ name }) => name === tag).length;
      // CommonMark has no tables.
      expect([count("th"), count("td"), count("h1"), count("h3")]).toEqual([5, 5, 2, 2]);
    }),
    { numRuns: 200 * TIMES },
  );
});

it("makes none on a whole page, wherever the contract's words stand", async () => {
  await fc.assert(
    fc.asyncProperty(comment, comment, async (said, message) => {
      const words = { comment: said, license: said, message: message.replace(/[{}]/g, ""), scope: said };
      const { response } = await generate(requestWith(words, "artifacts=docs"));
      for (const { name, content } of response.file) {
        if (name.endsWith(".md")) {
          expectHarmless(elementsOf(content));
        } else {
          expect(content).not.toMatch(/<x-|<script/);
        }
      }
    }),
    { numRuns: 10 * TIMES },
  );
});
