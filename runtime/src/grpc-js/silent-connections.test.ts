import { constants } from "node:http2";
import { connectivityState, type experimental, Metadata } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeSession } from "../../test-support/fake-session.js";
import { pingPermission } from "../wire/ping-permission.js";
import { Status } from "../wire/status.js";
import { followCalls } from "./followed-calls.js";
import { KEEPALIVE_OFF, type KeepalivePolicy } from "./keepalive-policy.js";
import { LOOK_MS } from "./looks.js";
import { SilentConnections } from "./silent-connections.js";

// Subchannels are stand-ins here, and the timers are faked. patient-load-balancer.test.ts has the same with real ones.

const RESPONSIVE: KeepalivePolicy = { pings: "careful", askAfterMs: 8_000, answerMs: 10_000, whenIdle: false };
const RETRIED = "/probe.v1.ProbeService/Get";

let connections = new SilentConnections();
const reals: Real[] = [];

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "setInterval", "setImmediate", "clearInterval", "clearTimeout", "performance"],
  });
  connections = new SilentConnections();
});

afterEach(async () => {
  connections.stop();
  for (const { transport } of reals.splice(0)) {
    transport?.session.destroy();
  }
  await looks(2);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

type Subchannel = ReturnType<experimental.SubchannelInterface["getRealSubchannel"]>;
type ReceivedStatus = Parameters<Parameters<Subchannel["createCall"]>[3]["onReceiveStatus"]>[0];

type Listener = Parameters<Subchannel["createCall"]>[3];

interface Real {
  transport: { session: FakeSession } | undefined;
  createCall: Subchannel["createCall"];
  getConnectivityState(): connectivityState;
}

/** A subchannel, its connection, and calls on it. */
function connection(policy: KeepalivePolicy = RESPONSIVE) {
  const listeners: Listener[] = [];
  const real: Real = {
    getConnectivityState: () => connectivityState.READY,
    transport: { session: new FakeSession() },
    createCall: ((_metadata, _host, _method, listener) => {
      listeners.push(listener);
      const cancelWithStatus = (code: Status, details: string): void =>
        listener.onReceiveStatus({ code, details, metadata: new Metadata() });
      return { cancelWithStatus };
    }) as Subchannel["createCall"],
  };
  const init = { policy, pace: { slowness: 1 }, firstWindowBytes: 65_536, name: "10.0.0.1:50051" };
  followCalls(real as unknown as Subchannel, init, (path) => (path === RETRIED ? 3 : 1));
  const stub = {
    real,
    subchannel: {
      getRealSubchannel: () => real,
      addHealthStateWatcher: () => {},
      isHealthy: () => true,
      ref: () => {},
      unref: () => {},
    } as unknown as experimental.SubchannelInterface,
    get session(): FakeSession {
      return real.transport?.session ?? new FakeSession();
    },
    /** Makes a call. Its status is what grpc-js is told. */
    calls: (path = "/probe.v1.ProbeService/Put", headers: Record<string, string> = {}) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) {
        metadata.set(name, value);
      }
      const call: { status: ReceivedStatus | undefined } = { status: undefined };
      const told = {
        onReceiveMetadata: () => {},
        onReceiveMessage: () => {},
        onReceiveStatus: (status: ReceivedStatus) => {
          call.status = status;
        },
      };
      real.createCall(metadata, "host", path, told, 1);
      const [listener] = listeners.splice(-1);
      return {
        get status() {
          return call.status;
        },
        answer: () => listener?.onReceiveMetadata(new Metadata()),
        end: (status: Partial<ReceivedStatus> = {}) =>
          listener?.onReceiveStatus({ code: Status.OK, details: "", metadata: new Metadata(), ...status }),
      };
    },
  };
  reals.push(real);
  return stub;
}

type Stub = ReturnType<typeof connection>;

/** Lets time pass, while the connections named hear something all the time. */
async function looks(count: number, ...lively: readonly Stub[]): Promise<void> {
  for (let look = 0; look < count; look += 1) {
    for (const each of lively) {
      each.session.hears();
    }
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    // What is done in the next turn.
    await vi.advanceTimersByTimeAsync(1);
  }
}

/** Enough for two silent looks, a question, and an answer that doesn't come. */
const ENOUGH = 6;

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
    const call = frozen.calls();

    await looks(ENOUGH, lively);
    expect([watched.isHealthy(), other.isHealthy(), frozen.session.pings]).toEqual([false, true, 1]);
    expect(connections.isDistrusting).toBe(false);
    await looks(5, lively);
    expect([watched.isHealthy(), frozen.session.pings, frozen.session.destroyed]).toEqual([false, 1, false]);

    await looks(1, lively, frozen);
    expect(told).toEqual([
      { healthy: false, isDistrusting: true },
      { healthy: true, isDistrusting: false },
    ]);
    expect(call.status).toBeUndefined();
  });

  it("isn't asked so soon where there is no other, or without a keepalive", async () => {
    const alone = connection();
    connections.watch(alone.subchannel);
    alone.calls();
    await looks(15);
    expect([alone.session.pings, alone.session.sentSettings]).toEqual([0, []]);

    const [silent, lively] = [connection(KEEPALIVE_OFF), connection(KEEPALIVE_OFF)];
    const watched = [silent, lively].map(({ subchannel }) => connections.watch(subchannel));
    silent.calls();
    await looks(100, lively);
    expect([silent.session.pings, silent.session.sentSettings]).toEqual([0, []]);
    expect(watched.map((each) => each.isHealthy())).toEqual([true, true]);
  });

  it("may be silent while no calls wait there", async () => {
    const [idle, lively] = [connection(), connection()];
    const watched = connections.watch(idle.subchannel);
    connections.watch(lively.subchannel);
    await looks(20, lively);
    expect([watched.isHealthy(), idle.session.pings, idle.session.sentSettings]).toEqual([true, 0, []]);
  });

  it("with a silent stream is asked soon once, and again only after another call", async () => {
    const [quiet, lively] = [connection(), connection()];
    quiet.session.isAnswering = true;
    const watched = connections.watch(quiet.subchannel);
    connections.watch(lively.subchannel);
    quiet.calls();
    await looks(15, lively);
    expect([watched.isHealthy(), quiet.session.pings]).toEqual([true, 1]);
    quiet.calls();
    await looks(5, lively);
    expect([watched.isHealthy(), quiet.session.pings]).toEqual([true, 2]);
    // The third question without data isn't a PING any more.
    quiet.calls();
    await looks(5, lively);
    expect([watched.isHealthy(), quiet.session.pings, quiet.session.sentSettings]).toEqual([true, 2, [{}]]);
  });

  it("whose server permits pings is asked by PING each time", async () => {
    const [quiet, lively] = [connection(), connection()];
    quiet.session.isAnswering = true;
    connections.watch(quiet.subchannel);
    connections.watch(lively.subchannel);
    quiet.calls();
    quiet.session.emit("ping", pingPermission(1_000));
    for (let round = 1; round <= 5; round += 1) {
      await looks(5, lively);
      expect([quiet.session.pings, quiet.session.sentSettings]).toEqual([round, []]);
      quiet.calls();
    }
  });

  it("keeps its calls while there is no other to take them", async () => {
    const [frozen, alsoFrozen] = [connection(), connection()];
    const watched = [frozen, alsoFrozen].map(({ subchannel }) => connections.watch(subchannel));
    const calls = [frozen, alsoFrozen].map((each) => each.calls(RETRIED, { "grpc-timeout": "60S" }));
    await looks(20);
    // One was found first; the other is what is left. It is silent too, so nothing is gained by trying calls there.
    expect(watched.map((each) => each.isHealthy())).toEqual([false, true]);
    expect(calls.map(({ status }) => status)).toEqual([undefined, undefined]);
    connections.trustAll();
    expect(watched.map((each) => each.isHealthy())).toEqual([true, true]);
  });

  it("is trusted again when it is another", async () => {
    const [frozen, lively] = [connection(), connection()];
    const watched = connections.watch(frozen.subchannel);
    connections.watch(lively.subchannel);
    frozen.calls();
    await looks(ENOUGH, lively);
    expect(watched.isHealthy()).toBe(false);
    frozen.session.destroy();
    frozen.real.transport = { session: new FakeSession() };
    await looks(1, lively);
    expect(watched.isHealthy()).toBe(true);
  });

  it("stays silent when a load balancer begins anew with it", async () => {
    const [frozen, lively] = [connection(), connection()];
    const before = connections.watch(frozen.subchannel);
    before.ref();
    connections.watch(lively.subchannel);
    frozen.calls();
    await looks(ENOUGH, lively);
    before.unref();
    await looks(3, lively);
    const after = connections.watch(frozen.subchannel);
    await looks(1, lively);
    expect(after.isHealthy()).toBe(false);
  });

  it("isn't looked at in a version of grpc-js that doesn't show it", async () => {
    const [unknown, lively] = [connection(), connection()];
    unknown.real.transport = undefined;
    const watched = connections.watch(unknown.subchannel);
    connections.watch(lively.subchannel);
    unknown.calls();
    await looks(20, lively);
    expect(watched.isHealthy()).toBe(true);
  });
});

describe("calls on a silent connection", () => {
  /** A connection that was found silent, and what became of a call there after so many looks. */
  async function held(path: string, headers: Record<string, string>, count: number) {
    const [frozen, lively] = [connection(), connection()];
    connections.watch(frozen.subchannel);
    connections.watch(lively.subchannel);
    const call = frozen.calls(path, headers);
    await looks(count, lively);
    return { call, frozen, lively };
  }

  it("are tried elsewhere after 5 s, if their contract has them retried", async () => {
    const { call, lively } = await held(RETRIED, { "grpc-timeout": "60S" }, 9);
    expect(call.status).toBeUndefined();
    await looks(2, lively);
    // A refused stream is tried again at once, and costs nothing of the budget of retries.
    expect(call.status).toMatchObject({ code: Status.UNAVAILABLE, rstCode: constants.NGHTTP2_REFUSED_STREAM });
  });

  it("stay through a pause of 4.5 s", async () => {
    const { call, frozen, lively } = await held(RETRIED, { "grpc-timeout": "60S" }, 9);
    await looks(30, lively, frozen);
    expect(call.status).toBeUndefined();
  });

  it.each(["2000m", "2S"])(
    "are tried elsewhere as soon as it is known, while there is time left: %s",
    async (timeout) => {
      const { call } = await held(RETRIED, { "grpc-timeout": timeout }, ENOUGH);
      expect(call.status).toMatchObject({ code: Status.UNAVAILABLE, rstCode: constants.NGHTTP2_REFUSED_STREAM });
    },
  );

  it.each([
    ["without retries", "/probe.v1.ProbeService/Put", {}],
    ["in their last attempt", RETRIED, { "grpc-previous-rpc-attempts": "2" }],
  ])("stay, %s, until it is given up", async (_name, path, headers) => {
    const { call, lively } = await held(path, { "grpc-timeout": "60S", ...headers }, 34);
    expect(call.status).toBeUndefined();
    await looks(4, lively);
    expect(call.status).toMatchObject({ code: Status.UNAVAILABLE });
    expect(call.status?.rstCode).toBeUndefined();
  });

  it("stay when the server has begun to answer", async () => {
    const { call, frozen, lively } = await held(RETRIED, { "grpc-timeout": "60S" }, 1);
    frozen.session.hears();
    call.answer();
    await looks(20, lively);
    expect(call.status).toBeUndefined();
  });

  it("are told that the server got too many pings, rather than of a quota", async () => {
    const one = connection();
    const [refused, dropped, other] = [one.calls(), one.calls(), one.calls()];
    one.session.emit("goaway", 11, 0, Buffer.from("too_many_pings"));
    refused.end({ code: Status.RESOURCE_EXHAUSTED, rstCode: constants.NGHTTP2_ENHANCE_YOUR_CALM });
    dropped.end({ code: Status.UNAVAILABLE, details: "Connection dropped" });
    other.end({ code: Status.RESOURCE_EXHAUSTED, details: "Out of stock" });
    for (const { status } of [refused, dropped]) {
      expect(status).toMatchObject({ code: Status.UNAVAILABLE, details: expect.stringContaining("too_many_pings") });
    }
    expect(other.status).toMatchObject({ code: Status.RESOURCE_EXHAUSTED, details: "Out of stock" });
  });

  it.each([
    ["ping timeout", "The server closed the connection: ping timeout"],
    ["a\u0000b\n", "The server closed the connection: a?b?"],
    ["x".repeat(9_000), `The server closed the connection: ${"x".repeat(200)}`],
    ["", "The server closed the connection, and didn't say why"],
  ])("are told what else the server has had enough of: %j", (said, details) => {
    const one = connection();
    const call = one.calls();
    one.session.emit("goaway", 11, 0, Buffer.from(said));
    call.end({ code: Status.RESOURCE_EXHAUSTED, rstCode: constants.NGHTTP2_ENHANCE_YOUR_CALM });
    expect(call.status).toMatchObject({ code: Status.UNAVAILABLE, details });
  });
});
