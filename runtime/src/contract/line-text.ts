// What a terminal, a log viewer or JavaScript takes for the end of a line or for an order: C0 and C1 controls, DEL, the line and
// paragraph separators, and the characters that turn the direction of text around.
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * Text that comes from outside, fit to stand within one line: each character that would end the line, or that a terminal, a
 * viewer or a compiler would obey, is written as its escape (`\u2028`, `\u001b`).
 */
export function lineText(text: string): string {
  return text.replace(UNFIT, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
