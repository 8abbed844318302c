import { pino } from "pino";
import type { Logger } from "./logger.js";

let logger: Logger | undefined;

/** The logger of whoever names none: one pino for the process, which writes JSON lines to stdout. Its level is `LOG_LEVEL`, or info. */
export function defaultLogger(): Logger {
  logger ??= makeLogger();
  return logger;
}

function makeLogger(): Logger {
  const level = process.env.LOG_LEVEL?.toLowerCase() || "info";
  const known = level === "silent" || level in pino.levels.values;
  const made = pino({ level: known ? level : "info" });
  if (!known) {
    const levels = [...Object.keys(pino.levels.values), "silent"].join(", ");
    made.warn({}, `LOG_LEVEL is "${level}", which isn't a level: using info. The levels are ${levels}.`);
  }
  return made;
}
