/** What `accord init` would do to one file. */
export interface PlannedChange {
  /** From the project's folder, with `/`. */
  readonly path: string;
  /** Undefined for a file that isn't there yet. */
  readonly before: string | undefined;
  /** The same as `before` if there is nothing to do. */
  readonly after: string;
  /** What is left for the user to do, because the file can't be changed safely. */
  readonly advice?: string;
}

/** A file that stays as it is, with something for the user to do in it. */
export function leftAlone(path: string, text: string, advice: string): PlannedChange {
  return { path, before: text, after: text, advice };
}
