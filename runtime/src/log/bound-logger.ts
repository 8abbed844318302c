import type { Logger, LogLevel } from "./logger.js";

/** A logger that puts fields of its own on each line. A line's fields win over them. */
export class BoundLogger implements Logger {
  readonly #logger: Logger;
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @param fields are read anew for each line, so what is added to them later is on later lines */
  constructor(logger: Logger, fields: Readonly<Record<string, unknown>>) {
    this.#logger = logger;
    this.#fields = fields;
  }

  debug(fields: object, message: string): void {
    this.#log("debug", fields, message);
  }

  info(fields: object, message: string): void {
    this.#log("info", fields, message);
  }

  warn(fields: object, message: string): void {
    this.#log("warn", fields, message);
  }

  error(fields: object, message: string): void {
    this.#log("error", fields, message);
  }

  isLevelEnabled(level: string): boolean {
    return levelEnabled(this.#logger, level);
  }

  #log(level: LogLevel, fields: object, message: string): void {
    if (levelEnabled(this.#logger, level)) {
      // pino takes an error in place of fields; spreading one would lose all of it.
      const own = fields instanceof Error ? { err: fields } : fields;
      this.#logger[level]({ ...this.#fields, ...own }, message);
    }
  }
}

/** Whether a logger writes lines of a level. One that can't tell counts as writing all. */
export function levelEnabled(logger: Logger, level: string): boolean {
  return logger.isLevelEnabled === undefined || logger.isLevelEnabled(level);
}
