import { unawaited } from "../wire/unawaited.js";
import type { Logger, LogLevel } from "./logger.js";
import { presentableFields } from "./presentable-fields.js";
import type { ShowMessage } from "./shown-message.js";

/** A logger that puts fields of its own on each line. A line's fields win over them. */
export class BoundLogger implements Logger {
  readonly #logger: Logger;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #show: ShowMessage | undefined;

  /**
   * @param fields are read anew for each line, so what is added to them later is on later lines
   * @param show shows protobuf messages that a line is given. Default: their type
   */
  constructor(logger: Logger, fields: Readonly<Record<string, unknown>>, show?: ShowMessage) {
    this.#logger = logger;
    this.#fields = fields;
    this.#show = show;
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
      this.#logger[level]({ ...this.#fields, ...presentableFields(fields, this.#show) }, message);
    }
  }
}

/** Whether a logger writes lines of a level. One that can't tell, as it answers neither yes nor no, counts as writing all. */
export function levelEnabled(logger: Logger, level: string): boolean {
  const answer: unknown = logger.isLevelEnabled?.(level);
  if (typeof answer === "boolean") {
    return answer;
  }
  unawaited(answer);
  return true;
}
