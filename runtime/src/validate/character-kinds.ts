// What characters are in the grammars of RFC 3986, RFC 1034 and RFC 9110: a bit for each kind.

const KINDS = new Uint16Array(128);

export const DIGIT = 1;
export const HEX = 2;
export const LETTER = 4;
/** RFC 3986's `unreserved`. */
export const UNRESERVED = 8;
/** RFC 3986's `sub-delims`. */
export const SUB_DELIM = 16;
/** Of a host's label. */
export const LABEL = 32;
/** What may stand in a path's segment, percent-encoding apart: `pchar`. */
export const SEGMENT = 128;
/** Of an HTTP header's name. */
export const TOKEN = 256;
export const UNDERSCORE = 512;

function mark(characters: string, kind: number): void {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    KINDS[code] = (KINDS[code] ?? 0) | kind;
  }
}

const DIGITS = "0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUB_DELIMS = "!$&'()*+,;=";
mark(DIGITS, DIGIT);
mark(`${DIGITS}ABCDEFabcdef`, HEX);
mark(LETTERS, LETTER);
mark(`${DIGITS}${LETTERS}-._~`, UNRESERVED);
mark(SUB_DELIMS, SUB_DELIM);
mark(`${DIGITS}${LETTERS}-._~${SUB_DELIMS}:@`, SEGMENT);
mark(`${DIGITS}${LETTERS}-`, LABEL);
// protovalidate's pattern has `+-.` as a range, in which `,` is.
mark(`${DIGITS}${LETTERS}!#$%&'*+,-.^_|~\``, TOKEN);
mark("_", UNDERSCORE);

/** Whether a character is of a kind, or of one of several. */
export function isOf(code: number, kinds: number): boolean {
  return code < 128 && ((KINDS[code] as number) & kinds) !== 0;
}
