import { LogLevel, LogLines, type LogPolicy } from "../read/options.js";

/** How the log lines of a method's calls are written, defaults applied. */
export interface EffectiveLogPolicy {
  readonly payload: boolean;
  readonly lines: "both" | "response";
  /** Of the calls that end with OK, one in so many is logged. */
  readonly sampleOneIn: number;
  readonly level: "debug" | "info" | "warn";
}

const LINES = {
  [LogLines.UNSPECIFIED]: undefined,
  [LogLines.BOTH]: "both",
  [LogLines.RESPONSE]: "response",
} as const;

const LEVELS = {
  [LogLevel.UNSPECIFIED]: undefined,
  [LogLevel.DEBUG]: "debug",
  [LogLevel.INFO]: "info",
  [LogLevel.WARN]: "warn",
} as const;

/** What holds for a method: field by field its own word, else its service's. */
export function effectiveLogPolicy(method: LogPolicy | undefined, service: LogPolicy | undefined): EffectiveLogPolicy {
  const said = [method, service].flatMap((policy) => policy ?? []);
  const first = <T>(read: (policy: LogPolicy) => T | undefined): T | undefined =>
    said.map(read).find((value) => value !== undefined);
  return {
    payload: first(({ payload }) => payload) ?? true,
    lines: first(({ lines }) => LINES[lines]) ?? "both",
    sampleOneIn: first(({ sampleOneIn }) => sampleOneIn) ?? 1,
    level: first(({ level }) => LEVELS[level]) ?? "info",
  };
}
