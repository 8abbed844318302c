/** Places moments on a picture's horizontal axis. */
export interface TimeScale {
  /** The place of a moment, in the picture's units. */
  at(ms: number): number;
  /** Moments with a tick, in order. */
  readonly ticks: readonly number[];
  /** Where the axis is broken: behind it, moments up to the end are pushed together. */
  readonly break: number | undefined;
}

/** What happens must take up this share of the axis; the axis is broken rather than to make it smaller. */
const LEAST_SHARE = 0.5;
const BREAK_AT = 0.72;
const TICKS = 5;

/**
 * Makes a scale from 0 to `endMs`.
 *
 * @param busyMs until when something happens: if that is early, the axis is broken after it
 */
export function timeScale(left: number, right: number, busyMs: number, endMs: number): TimeScale {
  const width = right - left;
  if (busyMs >= endMs * LEAST_SHARE) {
    return { at: (ms) => left + (width * ms) / endMs, ticks: ticksUpTo(endMs), break: undefined };
  }
  const shownMs = busyMs * 1.25;
  const breakX = left + width * BREAK_AT;
  return {
    at: (ms) =>
      ms <= shownMs
        ? left + ((breakX - left) * ms) / shownMs
        : breakX + ((right - breakX) * (ms - shownMs)) / (endMs - shownMs),
    ticks: ticksUpTo(shownMs * 0.96),
    break: breakX,
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Steps that read as round from half a minute to a day, where no power of ten does. */
const CLOCK_STEPS_MS = [
  ...[0.5, 1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 4, 6, 12, 24].map((hours) => hours * HOUR_MS),
];

/** About five round moments: 1, 2 or 5 times a power of ten apart, of seconds, minutes, hours. */
function ticksUpTo(endMs: number): readonly number[] {
  const step = stepOver(endMs / TICKS);
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, index) => index * step);
}

function stepOver(roughMs: number): number {
  const clock = CLOCK_STEPS_MS.find((candidate) => candidate >= roughMs);
  if (roughMs > 20_000 && clock !== undefined) {
    return clock;
  }
  const unit = clock === undefined ? HOUR_MS : 1;
  const power = 10 ** Math.floor(Math.log10(roughMs / unit));
  return ([1, 2, 5].find((factor) => factor * power * unit >= roughMs) ?? 10) * power * unit;
}
