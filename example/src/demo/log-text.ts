import type { LogRecord } from "./server-process.js";
import type { Tone } from "./terminal.js";

/** What every line has, and nobody needs to read twenty times. */
const ROUTINE = ["level", "time", "pid", "hostname", "name", "msg", "service", "path", "peer", "payload", "err"];
/** What is told in words at the start of a line. */
const OUTCOME = ["status", "code", "duration_ms", "error"];

/** A log line as a person reads it. */
export interface LogText {
  readonly tone: Tone;
  /** What happened: `transfer.response`. */
  readonly event: string;
  /** The rest: `OK in 4.1 ms · transfer_id=1`. */
  readonly details: string;
}

/**
 * Puts a log line into words.
 *
 * @param request the line that began the same call: what it said already isn't said again.
 * @param payload whether to show the message of a request, too.
 */
export function textOf(record: LogRecord, request: LogRecord | undefined, payload: boolean): LogText {
  const fields = Object.entries(record)
    .filter(([key, value]) => !ROUTINE.includes(key) && !OUTCOME.includes(key) && request?.[key] !== value)
    .map(([key, value]) => `${key}=${valueText(value)}`);
  const details = [
    outcomeOf(record),
    causeOf(record.err),
    fields.join(" "),
    payload && !callOf(record)?.end && typeof record.payload === "string" ? `payload: ${record.payload}` : "",
  ];
  return { tone: toneOf(record), event: record.msg, details: details.filter((part) => part !== "").join(" · ") };
}

/** Whether the line begins a call or ends one; `undefined` for all others. */
export function callOf(record: LogRecord): { readonly method: string; readonly end: boolean } | undefined {
  const [, method, side] = /^(\w+)\.(request|response)$/.exec(record.msg) ?? [];
  return method === undefined ? undefined : { method: `${record.path}`, end: side === "response" };
}

function outcomeOf({ status, code, duration_ms: duration, error }: LogRecord): string {
  if (typeof status !== "string") {
    return "";
  }
  const time =
    typeof duration === "number" ? ` in ${duration < 10 ? duration.toFixed(1) : Math.round(duration)} ms` : "";
  return `${status}${typeof code === "string" ? ` ${code}` : ""}${time}${typeof error === "string" ? ` · “${error}”` : ""}`;
}

// pino writes the causes of an error below its stack.
function causeOf(err: unknown): string {
  const stack = (err as { stack?: string } | undefined)?.stack ?? "";
  const [, cause] = /^caused by: (.*)$/m.exec(stack) ?? [];
  return cause === undefined ? "" : `caused by ${cause}`;
}

function toneOf({ level, status }: LogRecord): Tone {
  if (level >= 50) {
    return "bad";
  }
  if (level >= 40) {
    return "caution";
  }
  return status === "OK" ? "good" : "faint";
}

function valueText(value: unknown): string {
  if (typeof value !== "string") {
    return JSON.stringify(value);
  }
  // The start of a UUID is enough to recognise it.
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value) ? `${value.slice(0, 8)}…` : value;
}
