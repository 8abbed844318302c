import { nearest } from "@accord-grpc/runtime/contract";

/** A user's own text in a message: `"5 s"`. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** `A`, `A and B`, `A, B and C`. */
export function listed(items: readonly string[], conjunction: "and" | "or" = "and"): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} ${conjunction} ${last}`;
}

/** The first names of many: `A, B, C, D and 12 others`. */
export function someOf(names: readonly string[]): string {
  const most = 5;
  return listed(names.length <= most ? names : [...names.slice(0, most - 1), `${names.length - most + 1} others`]);
}

/** A sentence with the name that was probably meant, with a space before it; empty if none is close. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const meant = nearest(name, candidates);
  return meant === undefined ? "" : ` Did you mean ${quoted(meant)}?`;
}

/** A text that begins a sentence. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `1 wait`, `4 waits`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
