/** A `google.protobuf.Duration` or `google.protobuf.Timestamp`. */
export interface TimeValue {
  readonly seconds: bigint;
  readonly nanos: number;
}

// Seconds of both are far within what a number counts exactly, and what isn't is still larger or smaller as a number.

/** Below 0 if a time is before another, above 0 if it is after it, else 0. */
export function timeOrder(time: TimeValue, seconds: number, nanos: number): number {
  const difference = Number(time.seconds) - seconds;
  return difference === 0 ? time.nanos - nanos : difference;
}

/** Below 0 if a time is past, above 0 if it is to come. */
export function orderToNow(time: TimeValue): number {
  const now = Date.now();
  const seconds = Math.floor(now / 1000);
  return timeOrder(time, seconds, (now - seconds * 1000) * 1_000_000);
}

/** Whether a time is no farther from now than that, in the past or to come. */
export function isNearNow(time: TimeValue, seconds: number, nanos: number): boolean {
  const now = Date.now();
  const nowSeconds = Math.floor(now / 1000);
  const apart = Number(time.seconds) - nowSeconds;
  const nanosApart = time.nanos - (now - nowSeconds * 1000) * 1_000_000;
  return isNotMore(apart, nanosApart, seconds, nanos) && isNotMore(-apart, -nanosApart, seconds, nanos);
}

/** Whether one duration isn't longer than another. Nanoseconds may be negative, and more than a second. */
function isNotMore(seconds: number, nanos: number, maxSeconds: number, maxNanos: number): boolean {
  const difference = seconds - maxSeconds;
  const nanosDifference = nanos - maxNanos;
  const carried = Math.floor(nanosDifference / 1_000_000_000);
  const whole = difference + carried;
  return whole < 0 || (whole === 0 && nanosDifference - carried * 1_000_000_000 === 0);
}
