/**
 * Whether a value carries a brand: that is how an instance is recognised that another copy of this package made (ESM beside
 * CommonJS, say). Never throws.
 */
export function hasBrand(value: unknown, brand: symbol): boolean {
  try {
    return typeof value === "object" && value !== null && brand in value;
  } catch {
    // A proxy whose traps throw is no error of ours, and to look at it must not change how a call ends.
    return false;
  }
}
