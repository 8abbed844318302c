import { lineText } from "@accord-grpc/runtime/contract";
import type { TextStyle } from "../text-style.js";
import type { ContractDiff } from "./contract-diff.js";
import type { DiffEntry, Effect } from "./diff-entry.js";

const SIGNS: Readonly<Record<Effect, string>> = { breaks: "✗", warns: "!", new: "+", gone: "−", differs: "~" };

/** For a terminal. */
export function diffText(diff: ContractDiff, style: TextStyle): string {
  const line = ({ effect, text }: DiffEntry): string => {
    const sign = SIGNS[effect];
    const paint = { breaks: style.red, warns: style.yellow, new: style.green, gone: style.red, differs: style.cyan }[
      effect
    ];
    return `  ${paint(sign)} ${lineText(text).replaceAll("`", "")}\n`;
  };
  const section = (title: string, entries: readonly DiffEntry[]): string =>
    `${style.bold(lineText(title))}\n${entries.map(line).join("")}\n`;
  if (isEmpty(diff)) {
    return "Nothing changes for callers.\n";
  }
  const breaking = diff.breaking.length === 0 ? "" : section("Breaks callers, or their builds", diff.breaking);
  return `${breaking}${diff.sections.map(({ title, entries }) => section(title, entries)).join("")}`.replace(/\n$/, "");
}

/** For a comment on a pull request. */
export function diffMarkdown(diff: ContractDiff): string {
  if (isEmpty(diff)) {
    return "**The contract:** nothing changes for callers.\n";
  }
  const line = ({ effect, text }: DiffEntry): string => {
    const mark = { breaks: "❌ ", warns: "⚠️ ", new: "", gone: "", differs: "" }[effect];
    return `- ${mark}${markdownLine(text)}\n`;
  };
  const breaking =
    diff.breaking.length === 0
      ? "Nothing here breaks who calls today.\n"
      : `### Breaks callers, or their builds\n\n${diff.breaking.map(line).join("")}`;
  const sections = diff.sections.map(
    ({ title, entries }) => `\n### ${markdownLine(title)}\n\n${entries.map(line).join("")}`,
  );
  return `## What changes for callers\n\n${breaking}${sections.join("")}`;
}

function isEmpty({ breaking, sections }: ContractDiff): boolean {
  return breaking.length === 0 && sections.length === 0;
}

/** Text on one line of Markdown: code in backticks stays code, and nothing else of it is markup. */
function markdownLine(text: string): string {
  return lineText(text)
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") && part.endsWith("`") && part.length > 1 ? part : escapeMarkdown(part)))
    .join("");
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>|#~@!]/g, (character) => `\\${character}`);
}
