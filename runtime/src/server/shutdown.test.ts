import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CallFailure } from "../call/call-failure.js";
import { CallSet } from "./running-calls.js";
import type { RunningCall } from "./served-method.js";
import { type ServerClosed, type ShutdownParts, shutDown } from "./shutdown.js";

// The parts are stand-ins that write down when they are asked for what. Timers are faked: nothing here takes time.

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A promise, and what resolves it. */
interface Gate {
  readonly promise: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

const DRAIN_MS = 30_000;

/** Shuts stand-ins down. */
function begin({ drainMs = DRAIN_MS, calls = new CallSet() }: { drainMs?: number; calls?: CallSet } = {}) {
  const asked: string[] = [];
  const idle = gate();
  const force = new AbortController();
  const parts: ShutdownParts = {
    health: { shutDown: () => asked.push("health"), endWatches: () => asked.push("watches") },
    ownCalls: new CallSet(),
    listener: { close: () => asked.push("listener"), destroyConnections: () => asked.push("destroyConnections") },
    sessions: {
      leave: () => asked.push("leave"),
      idle: () => idle.promise,
      destroy: () => asked.push("destroy"),
    },
    calls,
  };
  let closed: ServerClosed | undefined;
  void shutDown(parts, "test", drainMs, force.signal).then((end) => {
    closed = end;
  });
  return { asked, idle, force, closed: () => closed };
}

/** A call that ends when it is told to. */
function runningCall(calls: CallSet): RunningCall {
  const call: RunningCall = {
    stop: (_failure: CallFailure) => {
      calls.remove(call);
      return true;
    },
  };
  calls.add(call);
  return call;
}

const settle = () => vi.advanceTimersByTimeAsync(0);

it("tells watches, takes no connections, has peers leave, ends watches, and closes when they have", async () => {
  const { asked, idle, closed } = begin();
  await settle();
  expect(asked).toEqual(["health", "listener", "leave", "watches"]);
  idle.open();
  await settle();
  expect(asked.slice(4)).toEqual(["destroy", "destroyConnections"]);
  expect(closed()).toMatchObject({ outcome: "drained", abandoned: 0 });
});

it("waits for calls as long as they may take, and then answers them", async () => {
  const calls = new CallSet();
  runningCall(calls);
  const { closed } = begin({ drainMs: 3_000, calls });
  await vi.advanceTimersByTimeAsync(2_999);
  expect(calls.size).toBe(1);
  await vi.advanceTimersByTimeAsync(600);
  expect(closed()).toMatchObject({ outcome: "forced", abandoned: 1 });
});

it("waits for calls that were made before their peers heard it", async () => {
  const calls = new CallSet();
  const { asked, idle, closed } = begin({ calls });
  const late = runningCall(calls);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked).not.toContain("destroy");
  calls.remove(late);
  idle.open();
  await settle();
  expect(closed()).toMatchObject({ outcome: "drained", abandoned: 0 });
});

it("gives peers two seconds for the last answers, and then goes", async () => {
  const { closed } = begin();
  await vi.advanceTimersByTimeAsync(1_999);
  expect(closed()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(closed()).toMatchObject({ outcome: "drained" });
});

it("ends at once when it is forced, at any point, but for the last answers", async () => {
  for (const waitMs of [0, 50, 1_000, 10_000]) {
    const calls = new CallSet();
    runningCall(calls);
    const { asked, force, closed } = begin({ calls });
    await vi.advanceTimersByTimeAsync(waitMs);
    force.abort();
    await vi.advanceTimersByTimeAsync(200);
    expect(asked.slice(-2)).toEqual(["destroy", "destroyConnections"]);
    expect(closed()).toMatchObject({ outcome: "forced", abandoned: 1 });
  }
});

it("leaves no timer behind", async () => {
  const { idle, closed } = begin();
  idle.open();
  await settle();
  expect(closed()).toBeDefined();
  expect(vi.getTimerCount()).toBe(0);
});
