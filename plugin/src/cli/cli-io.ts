/** Where a command's text goes. */
export interface CliOutput {
  write(text: string): void;
  /** Whether a person watches: a terminal, not a pipe or a file. */
  readonly isTerminal: boolean;
  /** The terminal's width in columns, if it has one. */
  readonly columns: number | undefined;
}

/** All that the `accord` command has of the world. Tests bring their own. */
export interface CliIo {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads standard input to its end. Rejects what is too large. */
  readonly readStdin: () => Promise<Uint8Array>;
  /** Whether standard input is a terminal: nothing useful will come from it. */
  readonly stdinIsTerminal: boolean;
  /** Resolves when the command is told to stop, by Ctrl-C or SIGTERM: from then on it has time to end by itself, until it is told again. */
  readonly untilStopped: () => Promise<void>;
  readonly stdout: CliOutput;
  readonly stderr: CliOutput;
}
