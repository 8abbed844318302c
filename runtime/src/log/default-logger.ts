import { writeSync } from "node:fs";
import { JsonLogger, LEVEL_NAMES, type LevelName } from "./json-logger.js";
import { LineBuffer } from "./line-buffer.js";
import type { Logger } from "./logger.js";
import { flushAtEnd } from "./process-end.js";

const STDOUT = 1;

let logger: Logger | undefined;

/**
 * The logger of whoever names none: one for the process, which writes pino's lines to stdout. Its level is `LOG_LEVEL`, or info.
 */
export function defaultLogger(): Logger {
  logger ??= makeLogger();
  return logger;
}

function makeLogger(): Logger {
  const level = process.env.LOG_LEVEL?.toLowerCase() || "info";
  const isKnown = (LEVEL_NAMES as readonly string[]).includes(level);
  const buffer: LineBuffer = new LineBuffer((bytes, from) => writeSync(STDOUT, bytes, from), {
    lostLine: (count) => lineOf((own) => own.warn({ lost: count }, "log.lines_lost: nobody took them from stdout")),
  });
  flushAtEnd(buffer);
  const made = new JsonLogger(buffer, isKnown ? (level as LevelName) : "info");
  if (!isKnown) {
    made.warn(
      {},
      `LOG_LEVEL is "${level}", which isn't a level: using info. The levels are ${LEVEL_NAMES.join(", ")}.`,
    );
  }
  return made;
}

function lineOf(log: (logger: Logger) => void): string {
  let text = "";
  log(new JsonLogger({ write: (line) => (text += line) }, "warn"));
  return text;
}
