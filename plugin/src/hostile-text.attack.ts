import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { accord } from "./cli/cli.fixture.js";
import { printFindings, printJson } from "./cli/diagnostic-lines.js";
import { renderVerify, verifyJunit } from "./cli/render-verify.js";
import { plainLine, plainText, styleOf } from "./cli/text-style.js";
import { renderDiagnostic } from "./contract.js";
import { cell, code, plain, prose } from "./emit/docs/markdown.js";
import { renderSvg, svgElement } from "./emit/docs/svg.js";
import { header } from "./emit/header.js";
import { dataLiteral } from "./emit/typescript/data-literal.js";
import { docComment } from "./emit/typescript/doc-comment.js";
import { propertyKey, stringLiteral, templateText } from "./emit/typescript/text.js";
import { ALL_CODE_POINTS, encoded, requestWith, UNFIT, type Words } from "./hostile-text.fixture.js";
import { generate } from "./plugin.js";
import { loadTemplateEngine } from "./templates/template-engine.js";

// `npm run attack` tries more.
const TIMES = Number(process.env.ATTACK_TIMES ?? 1);

const NO_REPORT = { methods: [], notes: [], drained: false };
const VERDICT = { rule: "INTERNALS_LEAKED", severity: "error", subject: undefined, count: 1 } as const;
const PLACE = { line: 1, column: 1, severity: "error", rule: "ERROR_STATUS" } as const;

function written(print: (io: Parameters<typeof printJson>[1]) => void): string {
  let text = "";
  const output = {
    write: (more: string) => {
      text += more;
    },
    isTerminal: false,
    columns: undefined,
  };
  print({
    cwd: "/",
    env: {},
    readStdin: async () => new Uint8Array(),
    stdinIsTerminal: false,
    untilStopped: () => new Promise(() => {}),
    stdout: output,
    stderr: output,
  });
  return text;
}

const engine = await loadTemplateEngine();
const [yaml] = engine.compile([{ name: "x.yaml", file: "x", text: "a: {{json text}}\nb: {{json text}}\n" }]);

/** What text from outside is written into, and how many lines each of them makes. */
const SINKS: Readonly<Record<string, { readonly write: (text: string) => string; readonly lines?: number }>> = {
  "a diagnostic": {
    write: (text) => renderDiagnostic({ ...PLACE, path: text, message: text }),
    lines: 1,
  },
  "a finding of a command": {
    write: (text) => written((io) => printFindings([{ ...PLACE, path: text, message: text }], styleOf(false), io)),
    lines: 2,
  },
  "a verdict on a server": {
    write: (text) =>
      renderVerify({ ...NO_REPORT, findings: [{ ...VERDICT, subject: text, text, call: text }] }, styleOf(false)),
    lines: 6,
  },
  "a report for CI": {
    write: (text) => verifyJunit({ ...NO_REPORT, findings: [{ ...VERDICT, text, call: undefined }] }, text),
  },
  "a command's JSON": { write: (text) => written((io) => printJson({ [text]: text }, io)), lines: 4 },
  "a command's line": { write: plainLine, lines: 1 },
  "a command's text": { write: plainText },
  "a doc comment": { write: (text) => docComment("  ", [text, { fill: text }, { tags: [text] }]) },
  "a header": {
    write: (text) => header({ package: text }, { parameter: text, tsNocheck: false, elidePluginVersion: false }),
    lines: 5,
  },
  "a string literal": { write: stringLiteral, lines: 1 },
  "a template literal": { write: (text) => `\`${templateText(text)}\``, lines: 1 },
  "a property's name": { write: propertyKey, lines: 1 },
  data: { write: (text) => dataLiteral({ [text]: [text] }, 0, 0) },
  YAML: { write: (text) => yaml?.render({ text }) ?? "", lines: 3 },
  SVG: { write: (text) => renderSvg(svgElement("text", { class: text }, text)), lines: 2 },
  "a code span": { write: code, lines: 1 },
  "plain Markdown": { write: plain, lines: 1 },
  "a comment as Markdown": { write: prose },
  "a cell": { write: (text) => cell(prose(text)), lines: 1 },
};

describe.each(Object.entries(SINKS))("text in %s", (_, { write, lines }) => {
  it("has nothing in it that a line can't hold, whatever the code point", () => {
    for (const text of ALL_CODE_POINTS) {
      const line = write(text);
      const [unfit] = UNFIT.exec(line) ?? [];
      expect(unfit?.codePointAt(0)?.toString(16)).toBeUndefined();
      if (lines !== undefined) {
        expect(line.split("\n").length).toBe(lines);
      }
    }
  });
});

it("literals and YAML still say what was said", () => {
  for (const text of ALL_CODE_POINTS) {
    const evaluate = (expression: string): unknown => new Function(`"use strict"; return (${expression});`)();
    expect(evaluate(stringLiteral(text)) === text).toBe(true);
    expect(evaluate(`\`${templateText(text)}\``) === text).toBe(true);
    expect(evaluate(dataLiteral({ [text]: text }, 0, 0))).toEqual({ [text]: text });
  }
  const [text = ""] = ALL_CODE_POINTS;
  for (const character of [...text, ..."\u0085\u2028\u2029\ufeff\u{1f600}"]) {
    expect(parseYaml(yaml?.render({ text: character }) ?? "")).toEqual({ a: character, b: character });
  }
});

const evil = fc
  .array(
    fc.constantFrom(
      ..."\u0000\u0007\u001b\u0085\u009b\u061c\u200f\u2028\u2029\u202e\u2066\r\n\t",
      ...[
        "\r\n",
        "*/",
        "evil()",
        "//",
        "`",
        "$" + "{x}",
        '"',
        "'",
        "\\",
        "|",
        "<script>",
        "&#10;",
        "]]>",
        "a",
        " ",
        "\u001b[31m",
      ],
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(""));

/** What a contract may say everywhere: something is generated of it. */
const FIT = "\u2028evil()\u0085*/ \u202e`<script>\r\n//\u001b[31m";

const words: fc.Arbitrary<Partial<Words>> = fc.record(
  { comment: evil, license: evil, message: evil, docUrl: evil, scope: evil },
  { requiredKeys: [] },
);

/** The code of TypeScript, without its comments and strings: where nothing of the user's words has a place. */
function codeOf(source: string): string {
  return source.replace(/\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, "");
}

describe("a request whose words are hostile", () => {
  it("makes files and messages that hold none of it", async () => {
    let generated = 0;
    await fc.assert(
      fc.asyncProperty(words, fc.oneof(fc.constant(""), evil), async (said, option) => {
        const parameter = `target=ts,artifacts=errors+servicer+client+channel+server+service_config+k8s+docs`;
        const request = requestWith(said, option === "" ? parameter : `${parameter},map_imports=x:${option}`);
        const { response, warnings } = await generate(request);
        expect(UNFIT.exec(response.error)).toBeNull();
        for (const warning of warnings) {
          expect(warning).not.toMatch(/\n/);
          expect(UNFIT.exec(warning)).toBeNull();
        }
        generated += response.file.length > 0 ? 1 : 0;
        for (const { name, content } of response.file) {
          expect([name, UNFIT.exec(content)]).toEqual([name, null]);
          if (name.endsWith(".ts")) {
            expect(codeOf(content)).not.toContain("evil");
          }
        }
      }),
      { numRuns: 20 * TIMES, examples: [[{ comment: FIT, license: FIT, message: FIT }, ""]] },
    );
    expect(generated).toBeGreaterThan(0);
  });

  it.each([
    [["lint", "-"]],
    [["lint", "-", "--json"]],
    [["explain", "--input=-"]],
    [["explain", "ShopService", "--input=-"]],
    [["explain", "Buy", "--input=-"]],
    [["explain", "--input=-", "--json"]],
    [["breaking", "-", "--against=test/golden/ledger/request.binpb"]],
    [["scaffold", "-", "--check", "--out=\u001b[31m\u2028"]],
    [["\u001b[31m\u2028"]],
    [["lint", "--\u001b[31m\u2028"]],
    [["lint", "\u001b[31m\u2028\n"]],
    [["explain", "\u001b[31m\u2028\n", "--input=-"]],
    [["breaking", "-", "--against=x", "--except=\u001b[31m"]],
  ])("makes output of %j that steers no terminal", async (argv) => {
    await fc.assert(
      fc.asyncProperty(words, async (said) => {
        const { stdout, stderr } = await accord(argv, { stdin: encoded(requestWith(said, "")) });
        expect(stdout + stderr).not.toBe("");
        expect(UNFIT.exec(stdout)).toBeNull();
        expect(UNFIT.exec(stderr)).toBeNull();
        if (argv.includes("--json") && stdout !== "") {
          JSON.parse(stdout);
        }
      }),
      { numRuns: 4 * TIMES },
    );
  });
});
