// What takes two columns in a terminal, and so in biome's count: East Asian wide characters and emoji.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu;
const ZERO_WIDTH = /[\u200b-\u200f]|[\ufe00-\ufe0f]|\p{Mn}/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: everything in ASCII is one column wide
const ASCII = /^[\x00-\x7f]*$/;

/** How many columns of a line a text takes. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) {
    return text.length;
  }
  const characters = [...text].length;
  return characters + (text.match(WIDE)?.length ?? 0) - (text.match(ZERO_WIDTH)?.length ?? 0);
}
