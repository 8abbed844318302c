import { UnevaluatedRule } from "./unevaluated-rule.js";
import { validationRule } from "./violation.js";

/** Whether two are the same bytes. */
export function isSameBytes(bytes: Uint8Array, other: Uint8Array): boolean {
  return bytes.length === other.length && isAt(bytes, other, 0);
}

/** Whether bytes begin with these. */
export function bytesStartWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && isAt(bytes, start, 0);
}

/** Whether bytes end with these. */
export function bytesEndWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return bytes.length >= end.length && isAt(bytes, end, bytes.length - end.length);
}

/** Whether bytes have these somewhere. */
export function bytesContain(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let offset = 0; offset + part.length <= bytes.length; offset++) {
    if (isAt(bytes, part, offset)) {
      return true;
    }
  }
  return false;
}

/** Whether bytes are among those of a list. */
export function isAmongBytes(bytes: Uint8Array, list: readonly Uint8Array[]): boolean {
  for (let i = 0; i < list.length; i++) {
    const other = list[i];
    if (other !== undefined && isSameBytes(bytes, other)) {
      return true;
    }
  }
  return false;
}

/** Whether no two elements of a list are the same bytes. */
export function areUniqueBytes(list: readonly Uint8Array[]): boolean {
  if (list.length <= FEW) {
    // A bit for each group of bytes that was there: mostly, the same bytes aren't to be looked for.
    let groups = 0;
    for (let i = 0; i < list.length; i++) {
      const bytes = list[i] as Uint8Array;
      const { length } = bytes;
      const group = length === 0 ? 1 : 1 << ((bytes[0] as number) + 3 * (bytes[length - 1] as number) + length);
      if ((groups & group) !== 0) {
        for (let j = 0; j < i; j++) {
          if (isSameBytes(bytes, list[j] as Uint8Array)) {
            return false;
          }
        }
      }
      groups |= group;
    }
    return true;
  }
  const seen = new Set<string>();
  for (const bytes of list) {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    if (seen.has(key)) {
      return false;
    }
    seen.add(key);
  }
  return true;
}

/** So few are compared with one another without a set. */
const FEW = 16;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text that bytes must be for a pattern to be asked of them.
 *
 * @throws {UnevaluatedRule} if they are no UTF-8
 */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new UnevaluatedRule(NO_TEXT, { cause });
  }
}

const NO_TEXT = {
  field: [],
  rule: /*@__PURE__*/ validationRule("bytes.pattern", ["bytes", 15, 11], ["pattern", 4, 9]),
  message: "must be valid UTF-8 to apply regexp",
  forKey: false,
};

function isAt(bytes: Uint8Array, part: Uint8Array, offset: number): boolean {
  for (let i = 0; i < part.length; i++) {
    if (bytes[offset + i] !== part[i]) {
      return false;
    }
  }
  return true;
}
