import { hostname } from "node:os";
import { jsonError, jsonString, jsonValue } from "./json-text.js";
import { lineKey } from "./line-key.js";
import { LoggedError, loggedError } from "./logged-error.js";
import type { Logger, LogLevel } from "./logger.js";

/** pino's numbers of its levels. */
const NUMBERS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Number.POSITIVE_INFINITY };

/** What `LOG_LEVEL` may be: pino's levels. */
export type LevelName = keyof typeof NUMBERS;

/** The names of all levels, from the least to the gravest. */
export const LEVEL_NAMES = Object.keys(NUMBERS) as readonly LevelName[];

/** Where lines go. */
export interface LineOutput {
  /** Takes a line, its end included. */
  write(line: string): void;
}

/**
 * A logger that writes pino's lines: JSON with `level`, `time`, `pid`, `hostname`, the fields, and `msg`. An error in a field is
 * written as pino writes `err`.
 */
export class JsonLogger implements Logger {
  readonly #output: LineOutput;
  readonly #level: number;
  readonly #process = `,"pid":${process.pid},"hostname":${jsonString(hostname())}`;

  /** @param level lines below it aren't written */
  constructor(output: LineOutput, level: LevelName) {
    this.#output = output;
    this.#level = NUMBERS[level];
  }

  isLevelEnabled(level: string): boolean {
    return (NUMBERS[level as LevelName] ?? Number.NEGATIVE_INFINITY) >= this.#level;
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

  #log(level: LogLevel, fields: object, message: string): void {
    const number = NUMBERS[level];
    if (number < this.#level) {
      return;
    }
    let line = `{"level":${number},"time":${Date.now()}${this.#process}`;
    // pino takes an error in place of fields.
    const own = (fields instanceof Error ? { err: fields } : fields) as Readonly<Record<string, unknown>>;
    for (const key in own) {
      const value = own[key];
      if (typeof value === "string" && key !== "err") {
        line += lineKey(key).withText(value);
      } else {
        const text = key === "err" ? errorText(value) : jsonValue(value);
        if (text !== undefined) {
          line += lineKey(key).name + text;
        }
      }
    }
    this.#output.write(`${line}${MESSAGE.withText(String(message))}}\n`);
  }
}

const MESSAGE = lineKey("msg");

function errorText(err: unknown): string | undefined {
  return err === undefined ? undefined : jsonError(err instanceof LoggedError ? err : loggedError(err));
}
