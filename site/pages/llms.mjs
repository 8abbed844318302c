// What language models read: a list of the pages, and all that people wrote in one file (https://llmstxt.org).
import { firstSentence, titleOf } from "./page.mjs";

/**
 * @param {{ title: string, pages: string[] }[]} groups
 * @param {Map<string, string>} pages
 * @returns {{ "llms.txt": string, "llms-full.txt": string }}
 */
export function languageModelFiles(groups, pages) {
  const text = (name) => pages.get(`${name}.md`) ?? "";
  const lists = groups.map(({ title, pages: names }) => {
    const rows = names.map((name) => `- [${titleOf(text(name))}](${name}.md): ${firstSentence(text(name))}`);
    return `## ${title}\n\n${rows.join("\n")}\n`;
  });
  return {
    "llms.txt": `# Accord\n\n> ${firstSentence(text("index"))}\n\n${lists.join("\n")}`,
    "llms-full.txt": groups.flatMap(({ pages: names }) => names.map(text)).join("\n\n---\n\n"),
  };
}
