import { unawaited } from "../wire/unawaited.js";
import { levelEnabled } from "./bound-logger.js";
import type { Logger, LogLevel } from "./logger.js";
import { presentableFields } from "./presentable-fields.js";

const METHODS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** @throws {TypeError} if `logger` lacks one of the four methods */
export function requireLogger(logger: Logger): void {
  const missing = METHODS.filter((method) => typeof logger?.[method] !== "function");
  if (missing.length > 0) {
    throw new TypeError(`The logger has no method ${missing.join(", ")}: it needs debug, info, warn and error`);
  }
}

/**
 * A logger that may throw, or reject (its pipe is closed, its disk is full), without changing how a call or a server ends. It gets
 * of errors what is to be logged of them, and nothing of protobuf messages but their type.
 */
export class GuardedLogger implements Logger {
  readonly #logger: Logger;

  /** @throws {TypeError} if `logger` lacks one of the four methods */
  constructor(logger: Logger) {
    requireLogger(logger);
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
    try {
      return levelEnabled(this.#logger, level);
    } catch {
      return true;
    }
  }

  #log(level: LogLevel, fields: object, message: string): void {
    try {
      unawaited(this.#logger[level](presentableFields(fields), message));
    } catch {
      // There is nowhere else to say it.
    }
  }
}
