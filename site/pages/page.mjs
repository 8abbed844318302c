// What is read off a page.

/** @param {string} markdown */
export function titleOf(markdown) {
  return (/^# +(.+)$/m.exec(markdown)?.[1] ?? "").replace(/[`*\\]/g, "");
}

/** The first sentence of a page's first paragraph, as plain text; "" if there is none. */
export function firstSentence(markdown) {
  const paragraph =
    markdown
      .replace(/^---\n[\s\S]*?\n---\n/, "")
      .split(/\n\s*\n/)
      .map((part) => part.trim())
      .find((part) => /^[\p{L}*`[]/u.test(part) && !part.startsWith("[![")) ?? "";
  const text = paragraph
    .replace(/\n/g, " ")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\*\*/g, "");
  return /^.*?[.:!?](?= |$)/.exec(text)?.[0].replace(/:$/, ".") ?? text;
}

/** GitHub's anchors: headings in lower case, without punctuation, blanks as `-`. */
export function headingSlug(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
}
