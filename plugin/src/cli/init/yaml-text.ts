import { isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";

// Files of the user's are changed as text, at the places that a parser finds: printing them anew would lose how they are
// laid out. JSON is YAML too.

/** The mapping that a text is, or undefined if it is none, or isn't understood. */
export function parseMapping(text: string): YAMLMap | undefined {
  const document = parseDocument(text, { strict: false });
  return document.errors.length === 0 && isMap(document.contents) ? document.contents : undefined;
}

/** The items of a list under a key; empty if there is none. */
export function mappingsUnder(mapping: YAMLMap, key: string): YAMLMap[] {
  return (listUnder(mapping, key)?.items ?? []).filter((item): item is YAMLMap => isMap(item));
}

/** The list under a key. */
export function listUnder(mapping: YAMLMap, key: string): YAMLSeq | undefined {
  const list = mapping.get(key, true);
  return isSeq(list) ? list : undefined;
}

/** The text under a key; that of a list is joined by spaces. */
export function textUnder(mapping: YAMLMap, key: string): string | undefined {
  const value = mapping.get(key, true);
  if (isSeq(value)) {
    return value.items.map((item) => (isScalar(item) ? String(item.value) : "")).join(" ");
  }
  return isScalar(value) && value.value !== null ? String(value.value) : undefined;
}

/** The range of a node in the text, without comments behind it. */
export function rangeOf(node: unknown): { readonly start: number; readonly end: number } | undefined {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  if (!Array.isArray(range)) {
    return undefined;
  }
  const [start, end]: unknown[] = range;
  return typeof start === "number" && typeof end === "number" ? { start, end } : undefined;
}

/** The last entry of a mapping. */
export function lastEntry(mapping: YAMLMap): Pair | undefined {
  return mapping.items.at(-1);
}

/** Whether a mapping or list is written with brackets. */
export function isFlow(node: YAMLMap | YAMLSeq): boolean {
  return node.flow === true;
}

/** Where the line that a place is in begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Where the line that a place is in ends, before its line break. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}
