const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * A duration for readers: `120 ms`, `1.8 s`, `5 min`. Rounded to what a reader needs: tenths of a millisecond, hundredths
 * of a second.
 *
 * @param ms not negative
 */
export function duration(ms: number): string {
  if (ms === 0) {
    return "0 s";
  }
  const tenths = Math.round(ms * 10) / 10;
  if (tenths < SECOND) {
    return `${tenths} ms`;
  }
  const rounded = Math.round(ms / 10) * 10;
  if (rounded < 2 * MINUTE) {
    return `${rounded / SECOND} s`;
  }
  const parts: readonly [number, string][] = [
    [Math.floor(rounded / HOUR), "h"],
    [Math.floor((rounded % HOUR) / MINUTE), "min"],
    [(rounded % MINUTE) / SECOND, "s"],
  ];
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

/** A range of durations, with the unit once where it is the same: `80–120 ms`. */
export function durationRange(fromMs: number, toMs: number): string {
  const [from, to] = [duration(fromMs), duration(toMs)];
  if (from === to) {
    return from;
  }
  const [, amount, unit] = /^(\S+) (\S+)$/.exec(from) ?? [];
  return amount !== undefined && to.endsWith(` ${unit}`) && !/ .* /.test(to) ? `${amount}–${to}` : `${from} – ${to}`;
}
