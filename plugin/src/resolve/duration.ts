/** A parsed duration, or what is wrong with its text. */
export type DurationReading =
  | { readonly ms: number; readonly problem?: undefined }
  | { readonly problem: string; readonly ms?: undefined };

const UNITS = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

const PART = /^(\d+(?:\.\d+)?)(ms|h|m|s)/;

/**
 * Reads a duration that a person typed: `100ms`, `5s`, `0.5s`, `1m30s`. Units go from large to small, each at most once;
 * the result is a whole number of milliseconds.
 */
export function readDuration(text: string): DurationReading {
  let rest = text;
  let ms = 0;
  let nextUnit = 0;
  while (rest !== "") {
    const [part, amount, unit] = PART.exec(rest) ?? [];
    const position = UNITS.findIndex(([name]) => name === unit);
    if (part === undefined || position < nextUnit) {
      return { problem: describe(text) };
    }
    nextUnit = position + 1;
    ms += Number(amount) * (UNITS[position]?.[1] ?? 0);
    rest = rest.slice(part.length);
  }
  // 0.1s + 0.2s and the like leave a rest of 1e-14.
  const whole = Math.round(ms);
  if (text === "" || !Number.isSafeInteger(whole)) {
    return { problem: describe(text) };
  }
  return Math.abs(ms - whole) > 1e-6
    ? { problem: `${quote(text)} isn't a whole number of milliseconds` }
    : { ms: whole };
}

function describe(text: string): string {
  const hint = /^\d+$/.test(text)
    ? `it has no unit. Write ${quote(`${text}ms`)} or ${quote(`${text}s`)}`
    : 'write it like "100ms", "5s", "2m" or "1m30s"';
  return `${quote(text)} is not a duration: ${hint}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** The milliseconds of a duration; undefined if it isn't one. */
export function durationMs(text: string): number | undefined {
  return readDuration(text).ms;
}

/**
 * A number of milliseconds as a person would type it: `90000` → `1m30s`, `1800` → `1.8s`. What is over a second is rounded
 * up to a millisecond.
 */
export function renderDuration(ms: number): string {
  const thousandths = Math.round(ms * 1_000) / 1_000;
  if (thousandths < 1_000) {
    return thousandths <= 0 ? "0s" : `${thousandths}ms`;
  }
  let rest = Math.ceil(ms - 1e-6);
  let text = "";
  for (const [unit, size] of [
    ["h", 3_600_000],
    ["m", 60_000],
  ] as const) {
    const amount = Math.floor(rest / size);
    text += amount > 0 ? `${amount}${unit}` : "";
    rest -= amount * size;
  }
  return rest > 0 ? `${text}${rest / 1_000}s` : text;
}
