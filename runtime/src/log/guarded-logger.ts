import { levelEnabled } from "./bound-logger.js";
import type { Logger, LogLevel } from "./logger.js";

/** A logger that may throw (its pipe is closed, its disk is full) without changing how a call or a server ends. */
export class GuardedLogger implements Logger {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
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
    try {
      this.#logger[level](fields, message);
    } catch {
      // There is nowhere else to say it.
    }
  }
}
