import type { RunNotes } from "./run-notes.js";

/**
 * Whether these warnings are still to be told: false if another entry of the same run of the compiler has told them. Where
 * that can't be found out, they are told again rather than never.
 *
 * @param parameter this entry's options
 */
export function claimWarnings(warnings: readonly string[], parameter: string, notes: RunNotes): boolean {
  try {
    const earlier = notes.leave(warnings, parameter);
    // The same options: another entry with another `out`, or whoever isn't a compiler has started the plugin once more.
    return earlier === undefined || (earlier === parameter && !notes.ofCompiler);
  } catch {
    return true;
  }
}
