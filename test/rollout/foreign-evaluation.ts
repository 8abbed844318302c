import {
  type Check,
  executedCheck,
  lossCheck,
  onceCheck,
  type Recording,
  recoveryCheck,
  type StepResult,
  stepResult,
  unlessTooSlow,
} from "./evaluation.js";
import type { CallRecord } from "./records.js";

/**
 * What is to be read of the recording of a client that isn't ours: whether it lost calls, how long, and whether what it got was executed.
 * How it spreads its calls, and when it finds new backends, is between it and its library.
 *
 * @param isOld nothing is asked of it but that nothing happens twice, or never: what it loses is told
 */
export function evaluateForeign(
  recording: Recording,
  isOld = false,
): { readonly steps: StepResult[]; readonly checks: Check[] } {
  const backends = new Map<string, string[]>();
  for (const { id, backend } of recording.executions) {
    backends.set(id, [...(backends.get(id) ?? []), backend]);
  }
  const calls = recording.calls.map((call) => withBackends(call, backends.get(call.id) ?? [], recording));
  const whole = { ...recording, calls };
  const steps = whole.steps.map((played) => stepResult(played, whole));
  const losses = [
    ...whole.steps.map((played) => lossCheck(played, whole)),
    ...steps.flatMap((result, index) =>
      recoveryCheck(result).map((check) => unlessTooSlow(check, whole.steps[index], whole)),
    ),
  ];
  // Whether a backend gets traffic isn't asked, so it isn't told either.
  const told = steps.map(({ firstTrafficMs: _, spread: __, ...step }) => step);
  return { steps: told, checks: [...(isOld ? [] : losses), executedCheck(whole), onceCheck(whole)] };
}

/**
 * A library tells the last backend of a call at most, or none. The executions tell those that began it; and what ended at its deadline,
 * begun by none, was with the one that was frozen.
 */
function withBackends(call: CallRecord, begun: readonly string[], { steps }: Recording): CallRecord {
  const peers = [...new Set([...begun, ...call.peers])];
  if (peers.length > 0 || call.status !== "DEADLINE_EXCEEDED") {
    return { ...call, peers };
  }
  const blamed = steps.find(({ from, to }) => call.endedAt >= from && call.endedAt < to)?.blamed;
  return { ...call, peers: blamed === undefined ? [] : [blamed] };
}
