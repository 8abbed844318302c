import { describe, expect, it } from "vitest";
import { evaluate, type PlayedStep, type Recording } from "./evaluation.js";
import type { CallRecord, ExecutionRecord } from "./records.js";
import type { Step } from "./timeline.js";

const ONE = "127.0.0.11:50051";
const OTHER = "127.0.0.12:50051";

function call(id: string, more: Partial<CallRecord> = {}): CallRecord {
  return { id, method: "Transfer", startedAt: 1_000, endedAt: 1_010, status: "OK", peers: [ONE], ...more };
}

function execution(id: string, more: Partial<ExecutionRecord> = {}): ExecutionRecord {
  return { id, method: "Transfer", backend: ONE, at: 1_005, previousAttempts: 0, ...more };
}

function played(mayLose: Step["mayLose"], more: Partial<PlayedStep> = {}): PlayedStep {
  const step: Step = { name: "step", says: "", mayLose, run: async () => {} };
  return { step, from: 0, to: 50_000, steadyFrom: undefined, expected: [], blamed: undefined, ...more };
}

/** The names of the checks that a recording fails. */
function failed(recording: Partial<Recording>): string[] {
  const whole: Recording = {
    calls: [call("a")],
    executions: [execution("a")],
    steps: [played("none")],
    published: [],
    endings: [{ pod: ONE, outcome: "drained", exit: 0, tookMs: 10 }],
    stalls: [],
    ...recording,
  };
  return evaluate(whole)
    .checks.filter(({ ok }) => !ok)
    .map(({ name, tooSlow }) => (tooSlow === true ? `${name}, on a machine that was too slow` : name));
}

describe("a rollout", () => {
  it("is well if every call is", () => {
    expect(failed({})).toEqual([]);
  });

  it("must not say OK without an execution", () => {
    expect(failed({ executions: [] })).toEqual(["no OK without an execution"]);
  });

  it("must not execute an attempt twice", () => {
    const twice = [execution("a"), execution("a", { backend: OTHER })];
    expect(failed({ executions: twice })).toEqual(["none executed twice unless retried"]);
    expect(failed({ executions: [execution("a"), execution("a", { previousAttempts: 1 })] })).toEqual([]);
  });

  it("must end its backends well", () => {
    const forced = { pod: ONE, outcome: "forced", exit: 0, tookMs: 10 };
    expect(failed({ endings: [forced] })).toEqual(["each backend drained and exited by itself"]);
  });

  it("must not lose a call in a graceful step", () => {
    expect(failed({ calls: [call("a"), call("b", { status: "UNAVAILABLE" })] })).toEqual(["step: no call is lost"]);
  });

  it("knows a call that was lost from a machine that was too slow", () => {
    const lost = call("b", { status: "DEADLINE_EXCEEDED", startedAt: 5_000, endedAt: 6_000 });
    const calls = [call("a"), lost];
    const tooSlow = ["step: no call is lost, on a machine that was too slow"];
    for (const process of ["client", ONE]) {
      expect(failed({ calls, stalls: [{ process, from: 5_200, to: 5_900 }] })).toEqual(tooSlow);
    }
    // Of another backend, at another time, or for a moment.
    for (const stall of [
      { process: OTHER, from: 5_200, to: 5_900 },
      { process: "client", from: 8_000, to: 9_000 },
      { process: "client", from: 5_200, to: 5_300 },
    ]) {
      expect(failed({ calls, stalls: [stall] })).toEqual(["step: no call is lost"]);
    }
    // One that was lost besides.
    const besides = call("c", { status: "UNAVAILABLE", startedAt: 20_000, endedAt: 20_100 });
    expect(failed({ calls: [...calls, besides], stalls: [{ process: "client", from: 5_200, to: 5_900 }] })).toEqual([
      "step: no call is lost",
    ]);
  });

  it("excuses no OK without an execution, however slow the machine", () => {
    expect(failed({ executions: [], stalls: [{ process: "client", from: 0, to: 50_000 }] })).toEqual([
      "no OK without an execution",
    ]);
  });

  it("may lose what isn't sent again, and nothing else, when a backend is killed", () => {
    const steps = [played("unretried")];
    const unretried = call("b", { method: "VerifyBooks", status: "UNAVAILABLE" });
    const retried = call("c", { status: "UNAVAILABLE" });
    expect(failed({ steps, calls: [call("a"), unretried] })).toEqual([]);
    expect(failed({ steps, calls: [call("a"), retried] })).toHaveLength(1);
  });

  it("may lose to a kill what had its response headers, whatever its policy", () => {
    const steps = [played("unretried")];
    const lost = call("b", { status: "UNAVAILABLE", committed: true });
    expect(failed({ steps, calls: [call("a"), lost] })).toEqual([]);
    expect(failed({ calls: [call("a"), lost] })).toEqual(["step: no call is lost"]);
  });

  it("may lose what a frozen backend held, and nothing else", () => {
    const steps = [played("held", { blamed: OTHER })];
    const held = call("b", { status: "DEADLINE_EXCEEDED", peers: [OTHER] });
    const free = call("c", { status: "DEADLINE_EXCEEDED", peers: [ONE] });
    expect(failed({ steps, calls: [call("a"), held] })).toEqual([]);
    expect(failed({ steps, calls: [call("a"), free] })).toHaveLength(1);
  });

  it("may be allowed to spread less evenly", () => {
    const calls = [call("a"), call("b"), call("c"), call("d", { peers: [OTHER] }), call("e", { peers: [OTHER] })];
    const steps = [played("none", { steadyFrom: 0, expected: [ONE, OTHER] })];
    const recording: Recording = { calls, executions: [], steps, published: [], endings: [], stalls: [] };
    const even = (mostSpread?: number) =>
      evaluate(recording, mostSpread).checks.find(({ name }) => name.includes("evenly"))?.ok;
    expect([even(), even(0.3), even(0.5)]).toEqual([false, false, true]);
  });

  it("must be over soon after what happened", () => {
    const steps = [played("unretried")];
    const late = call("b", { method: "VerifyBooks", status: "UNAVAILABLE", endedAt: 30_000 });
    expect(failed({ steps, calls: [call("a"), late] })).toEqual(["step: it is over within 22 s"]);
  });

  it("must spread its calls, and reach new backends", () => {
    const steps = [played("none", { steadyFrom: 0, expected: [ONE, OTHER] })];
    expect(failed({ steps })).toEqual(["step: the calls spread evenly"]);
    expect(failed({ published: [{ pod: OTHER, at: 500 }] })).toEqual(["step: a backend gets traffic within 30 s"]);
    expect(failed({ published: [{ pod: ONE, at: 500 }] })).toEqual([]);
  });
});
