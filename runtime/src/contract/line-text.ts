// What a terminal, a log viewer or JavaScript takes for the end of a line, for a command or for an order, and what nobody can
// see: C0 and C1 controls, DEL, the line and paragraph separators, format characters (those that turn text around, zero-width
// ones, tags, the byte order mark), and halves of surrogate pairs, which no encoding has. Joiners are letters' business in many
// scripts and within emoji, and the signs that Arabic and Kaithi put around numbers are visible: both stay.
const UNFIT =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}](?<!\u200C|\u200D|[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}])/gu;

/**
 * Text that comes from outside, fit to stand within one line: each character that would end the line, that a terminal, a
 * viewer or a compiler would obey, or that nobody would see, is written as its escape (`\u2028`, `\u001b`; beyond U+FFFF as
 * two of them). The escapes are those of JSON and JavaScript, and up to U+FFFF of protobuf's text format: within a literal of
 * theirs the text stays what it was. What is fit stays as it is, backslashes too, so that a text can be given twice.
 */
export function lineText(text: string): string {
  // Most texts are plain ASCII, which is quickly seen.
  return /[^ -~]/.test(text) ? text.replace(UNFIT, escaped) : text;
}

function escaped(character: string): string {
  let text = "";
  for (let i = 0; i < character.length; i += 1) {
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }
  return text;
}
