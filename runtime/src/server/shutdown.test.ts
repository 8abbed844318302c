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
function begin({
  drainMs = DRAIN_MS,
  calls = new CallSet(),
  allHeard = true,
}: {
  drainMs?: number;
  calls?: CallSet;
  allHeard?: boolean;
} = {}) {
  const asked: string[] = [];
  const heard = gate();
  const unbound = gate();
  const idle = gate();
  const force = new AbortController();
  const parts: ShutdownParts = {
    health: { shutDown: () => asked.push("health") },
    ownCalls: new CallSet(),
    listener: { close: () => asked.push("listener"), destroyConnections: () => asked.push("destroy") },
    sessions: {
      goAway: () => {
        asked.push("goAway");
        return heard.promise.then(() => allHeard);
      },
      idle: () => idle.promise,
    },
    grpc: {
      tryShutdown: (done) => {
        asked.push("tryShutdown");
        void unbound.promise.then(done);
      },
      forceShutdown: () => asked.push("forceShutdown"),
    },
    calls,
  };
  let closed: ServerClosed | undefined;
  void shutDown(parts, "test", drainMs, force.signal).then((end) => {
    closed = end;
  });
  return { asked, heard, unbound, idle, force, closed: () => closed };
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

it("closes the connections when their peers have heard that they should go, however busy those are", async () => {
  const { asked, heard, unbound, idle, closed } = begin();
  await vi.advanceTimersByTimeAsync(1_900);
  expect(asked).toEqual(["health", "listener", "goAway"]);
  heard.open();
  await settle();
  expect(asked).toEqual(["health", "listener", "goAway", "tryShutdown"]);
  unbound.open();
  idle.open();
  await settle();
  expect(asked.slice(4)).toEqual(["forceShutdown", "destroy"]);
  expect(closed()).toMatchObject({ outcome: "drained", abandoned: 0 });
});

it("isn't held up by peers that never hear it", async () => {
  const { asked, closed } = begin();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toContain("tryShutdown");
  await vi.advanceTimersByTimeAsync(500);
  expect(closed()).toMatchObject({ outcome: "drained" });
});

it("doesn't wait long for a peer that has taken too long already", async () => {
  const { heard, closed } = begin({ allHeard: false });
  heard.open();
  await vi.advanceTimersByTimeAsync(500);
  expect(closed()).toMatchObject({ outcome: "drained" });
});

it("spends no more on them than calls may take", async () => {
  const calls = new CallSet();
  runningCall(calls);
  const { asked, closed } = begin({ drainMs: 300, calls });
  await vi.advanceTimersByTimeAsync(299);
  expect(asked).not.toContain("tryShutdown");
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toContain("tryShutdown");
  await vi.advanceTimersByTimeAsync(600);
  expect(closed()).toMatchObject({ outcome: "forced", abandoned: 1 });
});

it("counts that wait as part of the time that calls have", async () => {
  const calls = new CallSet();
  runningCall(calls);
  const { closed } = begin({ drainMs: 3_000, calls });
  await vi.advanceTimersByTimeAsync(2_999);
  expect(calls.size).toBe(1);
  await vi.advanceTimersByTimeAsync(600);
  expect(closed()).toMatchObject({ outcome: "forced", abandoned: 1 });
});

it("waits for calls that were made before they heard it", async () => {
  const calls = new CallSet();
  const { asked, heard, unbound, idle, closed } = begin({ calls });
  await vi.advanceTimersByTimeAsync(100);
  const late = runningCall(calls);
  heard.open();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked).not.toContain("forceShutdown");
  calls.remove(late);
  unbound.open();
  idle.open();
  await settle();
  expect(closed()).toMatchObject({ outcome: "drained", abandoned: 0 });
});

it("waits for connections that were closing before: grpc-js's tryShutdown doesn't", async () => {
  const { asked, heard, unbound, idle, closed } = begin();
  heard.open();
  unbound.open();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).not.toContain("forceShutdown");
  idle.open();
  await settle();
  expect(closed()).toMatchObject({ outcome: "drained" });
});

it("gives peers that read two seconds for the last answers, and then goes", async () => {
  const { heard, closed } = begin();
  heard.open();
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
    expect(asked.slice(-2)).toEqual(["forceShutdown", "destroy"]);
    expect(closed()).toMatchObject({ outcome: "forced", abandoned: 1 });
  }
});

it("leaves no timer behind", async () => {
  const { heard, unbound, idle, closed } = begin();
  heard.open();
  unbound.open();
  idle.open();
  await settle();
  expect(closed()).toBeDefined();
  expect(vi.getTimerCount()).toBe(0);
});
