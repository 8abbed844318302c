// Whether a machine was too slow for what a test looks at. A process that gets no processor can't make its calls in time: that is told apart
// from a call that was lost, and from a process that computes for so long itself.

/** A time in which a process got no processor, although it had something to do. Times are in milliseconds since 1970. */
export interface Stall {
  readonly from: number;
  readonly to: number;
}

/** Who stalled: the process's name, with its stall. */
export interface NamedStall extends Stall {
  readonly process: string;
}

const TICK_MS = 20;
/** What timers are late by on a machine that has nothing else to do, and what garbage collection takes. */
const USUAL_MS = 60;
/** So much within a call, and the call says nothing about the code. */
const TOO_LONG_MS = 500;
/** Clocks of the processes, and what a stall delays beyond its end. */
const MARGIN_MS = 1_000;

/** What a run that says nothing ends with: neither a success (0), a failure (1), nor a test that can't be played here (2). */
export const TOO_SLOW_EXIT_CODE = 3;

/**
 * The stall in a turn of a timer, if it was one.
 *
 * @param lateMs how much later it came than it was to come
 * @param cpuMs what the process itself computed since the turn before
 */
export function stallOf(now: number, lateMs: number, cpuMs: number): Stall | undefined {
  const starvedMs = lateMs - cpuMs;
  return starvedMs > USUAL_MS ? { from: now - starvedMs, to: now } : undefined;
}

/** Tells each stall of this process, as soon as it is over. Returns what ends it. It doesn't keep the process alive. */
export function watchStalls(tell: (stall: Stall) => void): () => void {
  let last = performance.now();
  let cpu = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(cpu);
    const now = performance.now();
    const stall = stallOf(Date.now(), now - last - TICK_MS, (user + system) / 1_000);
    last = now;
    cpu = process.cpuUsage();
    if (stall !== undefined) {
      tell(stall);
    }
  }, TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** For how long of a time a process stalled, of processes the one that stalled the longest. */
export function stalledMs(stalls: readonly NamedStall[], from: number, to: number): number {
  const byProcess = new Map<string, number>();
  for (const stall of stalls) {
    const overlap = Math.min(stall.to, to) - Math.max(stall.from, from);
    byProcess.set(stall.process, (byProcess.get(stall.process) ?? 0) + Math.max(0, overlap));
  }
  return Math.max(0, ...byProcess.values());
}

/** Whether what happened in a time says nothing, since a process that took part stalled in it. */
export function wasTooSlow(stalls: readonly NamedStall[], from: number, to: number): boolean {
  return stalledMs(stalls, from - MARGIN_MS, to) >= TOO_LONG_MS;
}

/** What a verdict begins with: `npm run soak` reads it in what a test says of its failure. */
const VERDICT = "The machine was too slow";

/** The verdict, in one line. */
export function tooSlowVerdict(stalls: readonly NamedStall[]): string {
  const ms = stalledMs(stalls, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  return `${VERDICT}: ${(ms / 1_000).toFixed(1)} s stall of one process. This says nothing about calls; run it again.`;
}
