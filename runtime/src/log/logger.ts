/** A log level, as the four methods of {@link Logger} are called. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What Accord logs to. pino fits as it is; any other logger fits with four methods. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Whether a level is on. What costs something to render is rendered only then. Without it, all levels count as on. */
  isLevelEnabled?(level: string): boolean;
}
