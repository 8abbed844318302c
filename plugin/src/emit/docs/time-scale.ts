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

/** About five round moments: 1, 2 or 5 times a power of ten apart. */
function ticksUpTo(endMs: number): readonly number[] {
  const rough = endMs / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, index) => index * step);
}
