/** The code blocks of a Markdown text that name their file: ```` ```yaml title="buf.yaml" ````. */
export function codeBlocks(markdown: string): ReadonlyMap<string, string> {
  const blocks = new Map<string, string>();
  for (const [, title, text] of markdown.matchAll(/^```\w+ title="([^"]+)"\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined && text !== undefined) {
      blocks.set(title, text);
    }
  }
  if (blocks.size === 0) {
    throw new Error('No code block has a title: ```ts title="src/file.ts".');
  }
  return blocks;
}
