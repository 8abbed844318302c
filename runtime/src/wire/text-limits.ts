const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Replaces lone surrogates by U+FFFD. grpc-js passes status messages to `encodeURI`, which throws on them. */
export function wellFormed(text: string): string {
  // Most texts have no surrogates at all, and that is quickly seen.
  return /[\uD800-\uDFFF]/.test(text) ? text.replace(/\p{Surrogate}/gu, "\uFFFD") : text;
}

/** The length of a text in UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/**
 * Cuts a text to at most `maxBytes` of UTF-8, between two characters. What was cut shows as `…`, where there is room for it.
 */
export function cutToBytes(text: string, maxBytes: number): string {
  // A UTF-16 unit takes one to three bytes, so most texts needn't be measured, and long ones not at all.
  if (text.length * 3 <= maxBytes || (text.length <= maxBytes && utf8Length(text) <= maxBytes)) {
    return text;
  }
  const ellipsis = maxBytes >= 8 ? "…" : "";
  const target = new Uint8Array(Math.max(0, maxBytes - utf8Length(ellipsis)));
  const { written } = encoder.encodeInto(text, target);
  return decoder.decode(target.subarray(0, written)) + ellipsis;
}

// As long as it is on the wire, where grpc-js writes each byte beyond ASCII as `%XX`.
const MAX_STATUS_MESSAGE = 1024;

/** Makes a text fit to be a status message: well-formed, and at most 1 KiB on the wire. */
export function statusMessage(text: string): string {
  // What is beyond the limit in UTF-16 units is so in bytes, and needn't be looked at.
  const whole = wellFormed(text.slice(0, MAX_STATUS_MESSAGE + 1));
  // No UTF-16 unit takes more than nine characters on the wire.
  if (whole.length * 9 <= MAX_STATUS_MESSAGE || encodeURI(whole).length <= MAX_STATUS_MESSAGE) {
    return whole;
  }
  let fits = 0;
  let tooMuch = MAX_STATUS_MESSAGE + 1;
  while (tooMuch - fits > 1) {
    const middle = (fits + tooMuch) >> 1;
    if (encodeURI(cutToBytes(whole, middle)).length <= MAX_STATUS_MESSAGE) {
      fits = middle;
    } else {
      tooMuch = middle;
    }
  }
  return cutToBytes(whole, fits);
}
