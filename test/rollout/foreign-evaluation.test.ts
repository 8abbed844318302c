import { describe, expect, it } from "vitest";
import type { PlayedStep, Recording } from "./evaluation.js";
import { evaluateForeign } from "./foreign-evaluation.js";
import type { CallRecord, ExecutionRecord } from "./records.js";
import type { Step } from "./timeline.js";

const ONE = "127.0.0.11:50051";
const OTHER = "127.0.0.12:50051";

function call(id: string, more: Partial<CallRecord> = {}): CallRecord {
  return { id, method: "Transfer", startedAt: 1_000, endedAt: 1_010, status: "OK", peers: [], ...more };
}

function execution(id: string, more: Partial<ExecutionRecord> = {}): ExecutionRecord {
  return { id, method: "Transfer", backend: ONE, at: 1_005, previousAttempts: 0, ...more };
}

function played(mayLose: Step["mayLose"], more: Partial<PlayedStep> = {}): PlayedStep {
  const step: Step = { name: "step", says: "", mayLose, run: async () => {} };
  return { step, from: 0, to: 50_000, steadyFrom: undefined, expected: [], blamed: undefined, ...more };
}

/** The names of the checks that a recording fails. */
function failed(recording: Partial<Recording>, isOld = false): string[] {
  const whole: Recording = {
    calls: [call("a")],
    executions: [execution("a")],
    steps: [played("none")],
    published: [],
    endings: [],
    stalls: [],
    ...recording,
  };
  return evaluateForeign(whole, isOld)
    .checks.filter(({ ok }) => !ok)
    .map(({ name, tooSlow }) => (tooSlow === true ? `${name}, on a machine that was too slow` : name));
}

describe("a rollout's client that isn't ours", () => {
  const lost = call("b", { status: "UNAVAILABLE", message: "refused" });

  it("loses nothing in a graceful step", () => {
    expect(failed({})).toEqual([]);
    expect(failed({ calls: [call("a"), lost] })).toEqual(["step: no call is lost"]);
  });

  it("isn't asked how it spreads its calls, or when it finds a backend", () => {
    const steps = [played("none", { steadyFrom: 0, expected: [ONE, OTHER] })];
    expect(failed({ steps, published: [{ pod: OTHER, at: 500 }] })).toEqual([]);
  });

  it("is asked for nothing it loses if it is old, and still for executions", () => {
    expect(failed({ calls: [call("a"), lost] }, true)).toEqual([]);
    expect(failed({ executions: [] }, true)).toEqual(["no OK without an execution"]);
    const twice = [execution("a"), execution("a", { backend: OTHER })];
    expect(failed({ executions: twice }, true)).toEqual(["none executed twice unless retried"]);
  });

  describe("while a backend is frozen", () => {
    const steps = [played("held", { blamed: OTHER })];
    const late = call("b", { status: "DEADLINE_EXCEEDED" });
    const calls = [call("a"), late];

    it("loses what that one held: what it began, or nobody did", () => {
      expect(failed({ steps, calls, executions: [execution("a"), execution("b", { backend: OTHER })] })).toEqual([]);
      expect(failed({ steps, calls })).toEqual([]);
    });

    it("loses nothing that another had begun, or that ended otherwise", () => {
      const name = "step: no call is lost that another backend held";
      expect(failed({ steps, calls, executions: [execution("a"), execution("b")] })).toEqual([name]);
      expect(failed({ steps, calls: [call("a"), lost] })).toEqual([name]);
    });
  });

  it("knows by the executions which backend's stall made the machine too slow", () => {
    const late = call("b", { status: "DEADLINE_EXCEEDED", startedAt: 5_000, endedAt: 6_000 });
    const stalls = [{ process: ONE, from: 5_200, to: 5_900 }];
    const calls = [call("a"), late];
    const begun = (backend: string) => [execution("a"), execution("b", { backend, at: 5_000 })];
    expect(failed({ calls, stalls, executions: begun(ONE) })).toEqual([
      "step: no call is lost, on a machine that was too slow",
    ]);
    expect(failed({ calls, stalls, executions: begun(OTHER) })).toEqual(["step: no call is lost"]);
  });
});
