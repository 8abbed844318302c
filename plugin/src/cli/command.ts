import type { CliIo } from "./cli-io.js";
import type { ExitCode } from "./command-error.js";

/** An option of a command. */
export interface CommandOption {
  /** `import-extension`, for `--import-extension`. */
  readonly name: string;
  /** `o`, for `-o`. */
  readonly short?: string;
  /** What its value is called in the help: `DIR`. Without one it is a switch. */
  readonly value?: string;
  /** Whether it may be given several times. */
  readonly multiple?: boolean;
  readonly summary: string;
}

/** What was given on the command line. */
export interface CommandArguments {
  readonly positionals: readonly string[];
  /** Whether a switch was given. */
  has(option: string): boolean;
  /** The last value of an option. */
  value(option: string): string | undefined;
  values(option: string): readonly string[];
}

/** An example for the help: what it does, and the command. */
export interface CommandExample {
  readonly what: string;
  readonly command: string;
}

/** One of `accord`'s commands. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** A few lines on what it does, for its own help. */
  readonly description: readonly string[];
  /** The positional arguments, as the usage shows them: `[input]`. */
  readonly positionals: readonly CommandPositional[];
  readonly options: readonly CommandOption[];
  readonly examples: readonly CommandExample[];
  /** What exit codes mean, where it isn't obvious. */
  readonly exitCodes: readonly string[];
  /** @throws CommandError for whatever is the user's to mend */
  run(args: CommandArguments, io: CliIo): Promise<ExitCode>;
}

/** A positional argument. None is required. */
export interface CommandPositional {
  readonly name: string;
  readonly summary: string;
}
