import { connectivityState, type experimental } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SilentConnections } from "./silent-connections.js";

// Subchannels are stand-ins here, and the timers are faked. patient-load-balancer.test.ts has the same with real ones.

const LOOK_MS = 500;
let connections = new SilentConnections();

beforeEach(() => {
  vi.useFakeTimers();
  connections = new SilentConnections();
});

afterEach(() => {
  connections.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** What a connection has inside, and a test may change. */
function connection() {
  const session = {
    destroyed: false,
    closed: false,
    socket: { bytesRead: 0 },
    state: { nextStreamID: 1 },
    pings: 0,
    ping: () => {
      session.pings += 1;
      return true;
    },
    destroy: () => {
      session.destroyed = true;
    },
  };
  const transport = { session, activeCalls: { size: 1 } };
  const real = { getConnectivityState: () => connectivityState.READY, transport };
  const subchannel = {
    getRealSubchannel: () => real,
    addHealthStateWatcher: () => {},
    isHealthy: () => true,
    ref: () => {},
    unref: () => {},
  } as unknown as experimental.SubchannelInterface;
  return {
    session,
    real,
    calls: transport.activeCalls,
    subchannel,
    hears: () => {
      session.socket.bytesRead += 100;
    },
  };
}

type Stub = ReturnType<typeof connection>;

/** Lets time pass, while the connections named hear something all the time. */
async function looks(count: number, ...lively: readonly Stub[]): Promise<void> {
  for (let look = 0; look < count; look += 1) {
    for (const each of lively) {
      each.hears();
    }
    await vi.advanceTimersByTimeAsync(LOOK_MS);
  }
}

/** Enough for a first look, two silent ones and an answer that doesn't come. */
const ENOUGH = 4;

describe("a connection", () => {
  it("that nobody uses any more costs no timer", async () => {
    const watched = connections.watch(connection().subchannel);
    watched.ref();
    watched.unref();
    await looks(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gets no calls when calls wait, nothing has come, and it doesn't answer; until something comes", async () => {
    const [frozen, lively] = [connection(), connection()];
    const watched = connections.watch(frozen.subchannel);
    const other = connections.watch(lively.subchannel);
    const told: unknown[] = [];
    watched.addHealthStateWatcher((healthy) => told.push({ healthy, isDistrusting: connections.isDistrusting }));

    await looks(ENOUGH - 1, lively);
    expect([watched.isHealthy(), frozen.session.pings]).toEqual([true, 1]);
    await looks(1, lively);
    expect([watched.isHealthy(), other.isHealthy()]).toEqual([false, true]);
    expect(connections.isDistrusting).toBe(false);
    await looks(5, lively);
    expect([watched.isHealthy(), frozen.session.pings, frozen.session.destroyed]).toEqual([false, 1, false]);

    await looks(1, lively, frozen);
    expect(told).toEqual([
      { healthy: false, isDistrusting: true },
      { healthy: true, isDistrusting: false },
    ]);
  });

  it("may be silent while no calls wait there", async () => {
    const [idle, lively] = [connection(), connection()];
    idle.calls.size = 0;
    const watched = connections.watch(idle.subchannel);
    connections.watch(lively.subchannel);
    await looks(10, lively);
    expect([watched.isHealthy(), idle.session.pings]).toEqual([true, 0]);
  });

  it("with a silent stream is asked once, and again only after another call", async () => {
    const [quiet, lively] = [connection(), connection()];
    quiet.session.ping = () => {
      quiet.session.pings += 1;
      quiet.hears();
      return true;
    };
    const watched = connections.watch(quiet.subchannel);
    connections.watch(lively.subchannel);
    await looks(20, lively);
    expect([watched.isHealthy(), quiet.session.pings]).toEqual([true, 1]);
    quiet.session.state.nextStreamID += 2;
    await looks(20, lively);
    expect([watched.isHealthy(), quiet.session.pings]).toEqual([true, 2]);
  });

  it("keeps its calls while there is no other to take them", async () => {
    const [frozen, alsoFrozen] = [connection(), connection()];
    const watched = [frozen, alsoFrozen].map(({ subchannel }) => connections.watch(subchannel));
    await looks(10);
    // One was found first; the other is what is left.
    expect(watched.map((each) => each.isHealthy())).toEqual([false, true]);
    connections.trustAll();
    expect(watched.map((each) => each.isHealthy())).toEqual([true, true]);

    const only = new SilentConnections();
    const alone = only.watch(connection().subchannel);
    await looks(10);
    expect(alone.isHealthy()).toBe(true);
    only.stop();
  });

  it("is given up when it stays silent for ten seconds, and has no calls to lose", async () => {
    const [frozen, lively] = [connection(), connection()];
    connections.watch(frozen.subchannel);
    connections.watch(lively.subchannel);
    await looks(ENOUGH + 60, lively);
    expect(frozen.session.destroyed).toBe(false);
    frozen.calls.size = 0;
    await looks(1, lively);
    expect(frozen.session.destroyed).toBe(true);
  });

  it("is trusted again when it is another", async () => {
    const [frozen, lively] = [connection(), connection()];
    const watched = connections.watch(frozen.subchannel);
    connections.watch(lively.subchannel);
    await looks(ENOUGH, lively);
    expect(watched.isHealthy()).toBe(false);
    frozen.real.transport = { ...frozen.real.transport, session: connection().session };
    await looks(1, lively);
    expect(watched.isHealthy()).toBe(true);
  });

  it("stays silent when a load balancer begins anew with it", async () => {
    const [frozen, lively] = [connection(), connection()];
    const before = connections.watch(frozen.subchannel);
    before.ref();
    connections.watch(lively.subchannel);
    await looks(ENOUGH, lively);
    before.unref();
    await looks(3, lively);
    const after = connections.watch(frozen.subchannel);
    await looks(1, lively);
    expect(after.isHealthy()).toBe(false);
  });

  it("isn't looked at when nobody uses it, or in a version of grpc-js that doesn't show it", async () => {
    const [gone, lively] = [connection(), connection()];
    const watched = connections.watch(gone.subchannel);
    watched.ref();
    connections.watch(lively.subchannel);
    const unknown = { ...connection().real, transport: undefined };
    const other = connections.watch({ ...lively.subchannel, getRealSubchannel: () => unknown as never });
    await looks(1, lively);
    watched.unref();
    await looks(10, lively);
    expect([watched.isHealthy(), gone.session.pings, other.isHealthy()]).toEqual([true, 0, true]);
  });
});
