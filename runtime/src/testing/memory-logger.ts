import type { Logger, LogLevel } from "../log/logger.js";

/** A line that a {@link MemoryLogger} was given. */
export interface MemoryLogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const ORDER: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A logger that keeps its lines, for tests to look at. */
export class MemoryLogger implements Logger {
  readonly lines: MemoryLogLine[] = [];
  readonly #level: LogLevel;

  /** @param level lines below it aren't kept */
  constructor(level: LogLevel = "debug") {
    this.#level = level;
  }

  isLevelEnabled(level: string): boolean {
    return ORDER.indexOf(level as LogLevel) >= ORDER.indexOf(this.#level);
  }

  debug(fields: object, message: string): void {
    this.#keep("debug", fields, message);
  }

  info(fields: object, message: string): void {
    this.#keep("info", fields, message);
  }

  warn(fields: object, message: string): void {
    this.#keep("warn", fields, message);
  }

  error(fields: object, message: string): void {
    this.#keep("error", fields, message);
  }

  #keep(level: LogLevel, fields: object, message: string): void {
    if (this.isLevelEnabled(level)) {
      this.lines.push({ level, message, fields: { ...fields } });
    }
  }
}
