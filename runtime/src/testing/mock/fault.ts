/** What a mock can do to a call, beside answering it. */
export const FAULTS = {
  slow: "answers later, by a distribution",
  past_deadline: "answers when the deadline has passed, or never where there is none",
  unavailable: "fails as UNAVAILABLE before any work, so that a client may send the call again",
  resource_exhausted: "fails as RESOURCE_EXHAUSTED before any work",
  error: "fails with one of the errors that the method declares",
  cut: "breaks the connection in the middle of the answer: behind half of a stream's messages",
  reset: "resets the call's stream after the work, without a status",
  silent: "does the work, and says nothing on the connection any more, though it stays open",
  goaway: "answers, and has the peer make its next calls on another connection",
  drain: "answers, drains as at a rollout, and serves again at the same address",
} as const;

/** The name of a fault. */
export type FaultName = keyof typeof FAULTS;

/** All names of faults. */
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** How much later: half of the calls up to `p50Ms`, one in a hundred `p99Ms` or more. */
export interface DelayDistribution {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A fault, with what it needs to know. */
export type Fault =
  | { readonly name: Exclude<FaultName, "slow"> }
  | { readonly name: "slow"; readonly delay: DelayDistribution };

/** What `slow` is where nobody says. */
export const USUAL_DELAY: DelayDistribution = { p50Ms: 50, p99Ms: 1_000 };

/** A fault by its name alone. */
export function faultNamed(name: FaultName, delay: DelayDistribution = USUAL_DELAY): Fault {
  return name === "slow" ? { name, delay } : { name };
}

// The 99th percentile of the standard normal distribution.
const NORMAL_P99 = 2.326;

/**
 * How long a delay is, from two numbers between 0 and 1. It is log-normal, as the times of servers are: most calls near the median, and a
 * tail.
 */
export function delayOf({ p50Ms, p99Ms }: DelayDistribution, first: number, second: number): number {
  const sigma = Math.log(Math.max(1, p99Ms / p50Ms)) / NORMAL_P99;
  const normal = Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
  return p50Ms * Math.exp(sigma * normal);
}
