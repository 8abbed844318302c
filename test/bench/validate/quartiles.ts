/** The quartiles of some values, the median in the middle. */
export function quartiles(values: readonly number[]): readonly [low: number, middle: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
  return [at(0.25), at(0.5), at(0.75)];
}
