import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ProtoFolder, ROOT } from "../../plugin/src/cli/cli.fixture.js";
import { codeBlocks } from "../consumer/code-blocks.js";
import { LanguageClient, type Underlined } from "./language-client.js";
import { pluginProject } from "./workspace.js";

// The README's own contract in an editor.
const PATH = "protos/greeting/v1/greeting.proto";
const CONTRACT =
  codeBlocks(readFileSync(join(ROOT, "README.md"), "utf8")).get("proto/greeting/v1/greeting.proto") ?? "";

const isOurs = ({ code = "" }: Underlined): boolean => code.startsWith("ACCORD_");

let project: ProtoFolder;
let editor: LanguageClient;
beforeAll(async () => {
  project = pluginProject({ [PATH]: CONTRACT });
  editor = await LanguageClient.open(project.path);
});
afterAll(() => {
  editor.close();
  project.remove();
});

/** The characters of a text that a range covers. */
function covered(text: string, { range: { start, end } }: Underlined): string {
  const lines = text.split("\n");
  return start.line === end.line
    ? (lines[start.line] ?? "").slice(start.character, end.character)
    : [
        (lines[start.line] ?? "").slice(start.character),
        ...lines.slice(start.line + 1, end.line),
        (lines[end.line] ?? "").slice(0, end.character),
      ].join("\n");
}

it.each([
  ['timeout: "2s"', 'timeout: "2 s"', "ACCORD_DURATION_SYNTAX", 'timeout: "2 s"'],
  ['raises: ["NAME_UNKNOWN"]', 'raises: ["NAME_UNKNWN"]', "ACCORD_RAISES_UNKNOWN", 'raises: ["NAME_UNKNWN"]'],
])("a mistake is underlined before it is saved: %s → %s", async (from, to, code, characters) => {
  expect(CONTRACT).toContain(from);
  const typed = CONTRACT.replace(from, to);
  const found = await editor.type(PATH, typed, isOurs);
  const mistake = found.find((each) => each.code === code);
  expect(mistake && covered(typed, mistake)).toBe(characters);
  // Nothing was saved.
  expect(project.read(PATH)).toBe(CONTRACT);
});

it("a mistake says what was meant", async () => {
  const found = await editor.type(PATH, CONTRACT.replace('["NAME_UNKNOWN"]', '["NAME_UNKNWN"]'), isOurs);
  expect(found.map(({ message }) => message).join("\n")).toContain("NAME_UNKNOWN");
});

it.each([
  ["timeout:", "The deadline of a call whose caller names none."],
  ["retry:", "Retry with this policy"],
  ["raises:", "Errors that the method may raise"],
])("where the pointer rests on %s, the reference of the option is shown", async (option, words) => {
  const lines = CONTRACT.split("\n");
  const line = lines.findIndex((text) => text.includes(option));
  const hover = await editor.hover(PATH, line, (lines[line] ?? "").indexOf(option) + 1);
  expect(hover).toContain(words);
});
