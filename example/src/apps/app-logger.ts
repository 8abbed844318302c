import { type Logger, pino } from "pino";
import { StartUpError } from "./run-app.js";

/**
 * The logger of a server: JSON lines on stdout, from `LOG_LEVEL` on, which is `info` unless the environment says more.
 *
 * @throws {StartUpError} There is no such level.
 */
export function openLogger(name: string, env: NodeJS.ProcessEnv): Logger {
  const level = env.LOG_LEVEL || "info";
  const levels = [...Object.keys(pino.levels.values), "silent"];
  if (!levels.includes(level)) {
    throw new StartUpError(`LOG_LEVEL is "${level}", which isn't one of ${levels.join(", ")}`);
  }
  return pino({ name, level });
}
