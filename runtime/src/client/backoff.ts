/** How long the waits before further attempts are. In milliseconds. */
interface Backoff {
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffMultiplier: number;
}

/** The wait after so many attempts, in milliseconds. gRFC A6: exponential, ±20 %. */
export function backoffMs({ initialBackoffMs, maxBackoffMs, backoffMultiplier }: Backoff, attempts: number): number {
  const wait = Math.min(initialBackoffMs * backoffMultiplier ** (attempts - 1), maxBackoffMs);
  return wait * (0.8 + 0.4 * Math.random());
}
