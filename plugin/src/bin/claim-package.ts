import type { RunNotes } from "./run-notes.js";

/**
 * Tells the other processes of a run of the compiler which files of a package this one generates from.
 *
 * @param parameter this entry's options: entries with others make other things
 * @returns files of the package that another process has, and this one hasn't; none where that can't be found out
 */
export function claimPackage(
  pkg: string,
  files: readonly string[],
  parameter: string,
  notes: RunNotes,
): readonly string[] {
  try {
    const earlier = notes.leave({ pkg, parameter }, JSON.stringify(files));
    if (earlier === undefined || !notes.ofCompiler) {
      return [];
    }
    const others: unknown = JSON.parse(earlier);
    return Array.isArray(others) ? others.map(String).filter((path) => !files.includes(path)) : [];
  } catch {
    return [];
  }
}
