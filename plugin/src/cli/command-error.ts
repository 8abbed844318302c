/** How the `accord` command ends. */
export const ExitCode = {
  /** All is well. */
  OK: 0,
  /** What was looked for was found: errors, missing methods, breaking changes. */
  FOUND: 1,
  /** The command couldn't do its work: wrong arguments, unreadable input. */
  FAILED: 2,
} as const;

/** A number that a command ends with. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Something that the user did, or has to do. It is printed as it is, without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Further lines for the reader: what another program said, what to try. */
  readonly details: readonly string[];

  constructor(message: string, options: ErrorOptions & { readonly details?: readonly string[] } = {}) {
    super(message, options);
    this.details = options.details ?? [];
  }
}
