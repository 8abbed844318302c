import { type NamedStall, wasTooSlow } from "../machine-stalls.js";
import type { Ending } from "./cluster.js";
import { type CallRecord, type ExecutionRecord, RETRIED } from "./records.js";
import type { Step } from "./timeline.js";

/** When a step was played. Times are in milliseconds since 1970. */
export interface PlayedStep {
  readonly step: Step;
  readonly from: number;
  readonly to: number;
  /** Since when calls had to spread evenly over {@link expected}. */
  readonly steadyFrom: number | undefined;
  /** The backends that were to get traffic while it was steady. */
  readonly expected: readonly string[];
  readonly blamed: string | undefined;
}

/** Everything that was written down. */
export interface Recording {
  readonly calls: readonly CallRecord[];
  readonly executions: readonly ExecutionRecord[];
  readonly steps: readonly PlayedStep[];
  readonly published: readonly { readonly pod: string; readonly at: number }[];
  readonly endings: readonly Ending[];
  /** Of the client, and of the backends by their addresses; without those of a backend that was frozen on purpose. */
  readonly stalls: readonly NamedStall[];
}

/** The client's name among those that stall. */
export const CLIENT = "client";

/** What came of a step. Times are in milliseconds. */
export interface StepResult {
  readonly name: string;
  readonly seconds: number;
  readonly calls: number;
  readonly lost: number;
  /** `VerifyBooks UNAVAILABLE`: how many. */
  readonly lostAs: Readonly<Record<string, number>>;
  /** From the step's beginning to the end of the last call that was lost; 0 if none was. */
  readonly recoveryMs: number;
  /** (most − least) ÷ mean of calls per backend; only where it was steady. */
  readonly spread?: number;
  /** From an address in DNS to the first call there, the slowest of the step's. */
  readonly firstTrafficMs?: number;
}

/** A check, and what it found. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** It failed, and all that made it fail happened while the machine gave the processes no processor: it says nothing. */
  readonly tooSlow?: boolean;
}

const MOST_SPREAD = 0.2;
const MOST_FIRST_TRAFFIC_MS = 30_000;
// A dead connection is given up after 18 s, with the calls on it that have no deadline before.
const MOST_RECOVERY_MS = 22_000;

/**
 * What is to be read of a recording.
 *
 * @param mostSpread how unevenly calls may spread where it is steady
 */
export function evaluate(
  recording: Recording,
  mostSpread = MOST_SPREAD,
): { readonly steps: StepResult[]; readonly checks: Check[] } {
  const steps = recording.steps.map((played) => stepResult(played, recording));
  const checks = [
    ...recording.steps.map((played) => lossCheck(played, recording)),
    ...steps.flatMap((result, index) =>
      [...spreadCheck(result, mostSpread), ...firstTrafficCheck(result), ...recoveryCheck(result)].map((check) =>
        unlessTooSlow(check, recording.steps[index], recording),
      ),
    ),
    executedCheck(recording),
    onceCheck(recording),
    endingCheck(recording),
  ];
  return { steps, checks };
}

/** How fast something went says nothing of a step in which a process stalled. */
export function unlessTooSlow(check: Check, played: PlayedStep | undefined, { stalls }: Recording): Check {
  return check.ok || played === undefined || !wasTooSlow(stalls, played.from, played.to)
    ? check
    : { ...check, tooSlow: true };
}

/** Whether a call was lost while its own processes stalled: the client, or a backend that it went to. */
function lostToMachine({ startedAt, endedAt, peers }: CallRecord, { stalls }: Recording): boolean {
  const own = stalls.filter(({ process }) => process === CLIENT || peers.includes(process));
  return wasTooSlow(own, startedAt, endedAt);
}

/** A call belongs to the step in which it ended. */
function endedIn({ from, to }: PlayedStep, { calls }: Recording): CallRecord[] {
  return calls.filter(({ endedAt }) => endedAt >= from && endedAt < to);
}

function isLost({ status }: CallRecord): boolean {
  return status !== "OK";
}

export function stepResult(played: PlayedStep, recording: Recording): StepResult {
  const calls = endedIn(played, recording);
  const lost = calls.filter(isLost);
  const lostAs: Record<string, number> = {};
  for (const { method, status } of lost) {
    const key = `${method} ${status}`;
    lostAs[key] = (lostAs[key] ?? 0) + 1;
  }
  const spread = spreadOf(played, recording);
  const firstTrafficMs = firstTraffic(played, recording);
  return {
    name: played.step.name,
    seconds: Math.round((played.to - played.from) / 100) / 10,
    calls: calls.length,
    lost: lost.length,
    lostAs,
    recoveryMs: Math.max(0, ...lost.map(({ endedAt }) => endedAt - played.from)),
    ...(spread === undefined ? {} : { spread }),
    ...(firstTrafficMs === undefined ? {} : { firstTrafficMs }),
  };
}

function spreadOf({ steadyFrom, to, expected }: PlayedStep, { calls }: Recording): number | undefined {
  if (steadyFrom === undefined) {
    return undefined;
  }
  const counts = expected.map(
    (pod) =>
      calls.filter(({ peers, startedAt }) => peers.at(-1) === pod && startedAt >= steadyFrom && startedAt < to).length,
  );
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return mean === 0 ? Number.POSITIVE_INFINITY : (Math.max(...counts) - Math.min(...counts)) / mean;
}

function firstTraffic({ from, to }: PlayedStep, recording: Recording): number | undefined {
  const { published, executions, calls } = recording;
  // A backend that was frozen begins with calls that nobody waits for any more.
  const startedAt = new Map(calls.map((call) => [call.id, call.startedAt]));
  const times = published
    .filter(({ at }) => at >= from && at < to)
    .map(({ pod, at }) => {
      const first = executions.filter(({ id, backend }) => backend === pod && (startedAt.get(id) ?? 0) >= at);
      return Math.min(Number.POSITIVE_INFINITY, ...first.map((execution) => execution.at - at));
    });
  return times.length === 0 ? undefined : Math.max(...times);
}

export function lossCheck(played: PlayedStep, recording: Recording): Check {
  const lost = endedIn(played, recording).filter(isLost);
  const { name, mayLose } = played.step;
  const wrong = lost.filter((call) => !mayBeLost(call, played));
  const allowed = {
    none: "no call is lost",
    unretried: "no call is lost that the contract lets gRPC send again",
    held: "no call is lost that another backend held",
  };
  return {
    name: `${name}: ${allowed[mayLose]}`,
    ok: wrong.length === 0,
    found: wrong.length === 0 ? `${lost.length} lost` : `${wrong.length} of them: ${examples(wrong)}`,
    ...(wrong.length > 0 && wrong.every((call) => lostToMachine(call, recording)) && { tooSlow: true }),
  };
}

function mayBeLost({ method, status, peers, committed }: CallRecord, { step, blamed }: PlayedStep): boolean {
  switch (step.mayLose) {
    case "none":
      return false;
    case "unretried":
      return !RETRIED.has(method) || status === "DEADLINE_EXCEEDED" || committed === true;
    case "held":
      return blamed !== undefined && peers.includes(blamed);
  }
}

function spreadCheck({ name, spread }: StepResult, mostSpread: number): Check[] {
  return spread === undefined
    ? []
    : [{ name: `${name}: the calls spread evenly`, ok: spread <= mostSpread, found: percent(spread) }];
}

function firstTrafficCheck({ name, firstTrafficMs }: StepResult): Check[] {
  if (firstTrafficMs === undefined) {
    return [];
  }
  const ok = firstTrafficMs <= MOST_FIRST_TRAFFIC_MS;
  return [{ name: `${name}: a backend gets traffic within 30 s`, ok, found: seconds(firstTrafficMs) }];
}

export function recoveryCheck({ name, lost, recoveryMs }: StepResult): Check[] {
  return lost === 0
    ? []
    : [
        {
          name: `${name}: it is over within ${MOST_RECOVERY_MS / 1_000} s`,
          ok: recoveryMs <= MOST_RECOVERY_MS,
          found: seconds(recoveryMs),
        },
      ];
}

export function executedCheck({ calls, executions }: Recording): Check {
  const executed = new Set(executions.map(({ id }) => id));
  // The health service is the runtime's own, and writes nothing down.
  const checked = calls.filter(({ method, status }) => status === "OK" && method !== "HealthWatch");
  const wrong = checked.filter(({ id }) => !executed.has(id));
  return {
    name: "no OK without an execution",
    ok: checked.length > 0 && wrong.length === 0,
    found: wrong.length === 0 ? `${checked.length} calls` : examples(wrong),
  };
}

/** Each attempt is executed once at most: whatever runs twice was sent again by the retry policy, which says so. */
export function onceCheck({ executions }: Recording): Check {
  const attempts = new Map<string, number[]>();
  for (const { id, previousAttempts } of executions) {
    attempts.set(id, [...(attempts.get(id) ?? []), previousAttempts]);
  }
  const repeated = [...attempts.values()].filter((numbers) => numbers.length > 1);
  const wrong = repeated.filter((numbers) => new Set(numbers).size < numbers.length);
  return {
    name: "none executed twice unless retried",
    ok: wrong.length === 0,
    found:
      wrong.length === 0 ? `${repeated.length} ran more than once, each time as a retry` : `${wrong.length} calls did`,
  };
}

function endingCheck({ endings }: Recording): Check {
  const wrong = endings.filter(({ outcome, exit }) => outcome !== "drained" || exit !== 0);
  const slowest = Math.max(0, ...endings.map(({ tookMs }) => tookMs));
  return {
    name: "each backend drained and exited by itself",
    ok: endings.length > 0 && wrong.length === 0,
    found:
      wrong.length === 0
        ? `${endings.length} backends, the slowest in ${seconds(slowest)}`
        : wrong.map(({ pod, outcome, exit }) => `${pod}: ${outcome}, exit ${exit}`).join("; "),
  };
}

function examples(calls: readonly CallRecord[]): string {
  return calls
    .slice(0, 5)
    .map(
      ({ method, status, message, peers, startedAt, endedAt }) =>
        `${method} ${status} at ${peers.join(", ") || "no backend"} after ${endedAt - startedAt} ms (${message ?? ""})`,
    )
    .join("; ");
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function seconds(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? "never" : `${(ms / 1000).toFixed(1)} s`;
}
