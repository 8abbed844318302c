/** A median, and where it lies with 95 % certainty. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The median of values, with a confidence interval by order statistics: it asks nothing of how the values are spread, and one that a
 * busy machine has spoilt counts as one.
 */
export function medianWithin(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const reach = 0.98 * Math.sqrt(sorted.length);
  const at = (index: number): number =>
    sorted[Math.min(Math.max(Math.floor(index), 0), sorted.length - 1)] ?? Number.NaN;
  return {
    median: (at(half - 0.5) + at(half)) / 2,
    low: at(half - reach - 0.5),
    high: at(half + reach),
  };
}

/** `0.998 (0.991 to 1.004)` */
export function intervalText({ median, low, high }: Interval): string {
  return `${median.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}
