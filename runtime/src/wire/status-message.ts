// PROTOCOL-HTTP2: what is printable in ASCII stays as it is, but for `%`. A space at either end would be trimmed on its way.
const PLAIN = /^(?! )[\x20-\x24\x26-\x7e]*(?<! )$/;

/**
 * Writes a status message as `grpc-message` has it: in UTF-8, each byte that isn't printable ASCII as `%XX`.
 *
 * @param text well-formed
 */
export function encodeStatusMessage(text: string): string {
  if (PLAIN.test(text)) {
    return text;
  }
  const bytes = Buffer.from(text);
  let encoded = "";
  for (let index = 0; index < bytes.byteLength; index += 1) {
    const byte = bytes[index] ?? 0;
    const isEnd = index === 0 || index === bytes.byteLength - 1;
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25 && !(byte === 0x20 && isEnd);
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
