import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeSession } from "../../test-support/fake-session.js";
import { pingPermission } from "../wire/ping-permission.js";
import { Status } from "../wire/status.js";
import { ConnectionLife, TOO_MANY_PINGS } from "./connection-life.js";
import { KEEPALIVE_OFF, type KeepalivePolicy } from "./keepalive-policy.js";
import { LOOK_MS } from "./looks.js";

const RESPONSIVE: KeepalivePolicy = { pings: "careful", askAfterMs: 8_000, answerMs: 10_000, whenIdle: false };
const CONSERVATIVE: KeepalivePolicy = { pings: "spare", askAfterMs: 330_000, answerMs: 20_000, whenIdle: false };
const OWN: KeepalivePolicy = { pings: "careful", askAfterMs: 1_000, answerMs: 1_000, whenIdle: false };

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "setInterval", "setImmediate", "clearInterval", "clearTimeout", "performance"],
  });
});

const sessions: FakeSession[] = [];

afterEach(async () => {
  for (const session of sessions.splice(0)) {
    session.destroy();
  }
  // Nobody looks any more.
  if (vi.isFakeTimers()) {
    await seconds(1);
    expect(vi.getTimerCount()).toBe(0);
  }
  vi.useRealTimers();
});

function lifeOf(policy: KeepalivePolicy, pace = { slowness: 1 }) {
  const session = new FakeSession();
  sessions.push(session);
  const life = new ConnectionLife(session.asSession, {
    policy,
    pace,
    firstWindowBytes: 65_536,
    name: "10.0.0.1:50051",
  });
  return { session, life };
}

function call() {
  const ended: [Status, string][] = [];
  return { ended, end: (code: Status, details: string) => void ended.push([code, details]) };
}

/** Time passes; each look may be preceded by something. */
async function seconds(count: number, each: () => void = () => {}): Promise<void> {
  for (let look = 0; look < (count * 1_000) / LOOK_MS; look += 1) {
    each();
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    // What is done in the next turn.
    await vi.advanceTimersByTimeAsync(1);
  }
}

describe("a connection", () => {
  it("of which something comes is never asked, whatever it doesn't answer", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    life.callStarted(call());
    await seconds(120, () => session.hears(1));
    expect([session.pings, session.sentSettings, session.destroyed]).toEqual([0, [], false]);
  });

  it("is asked after 8 s of silence while calls wait, and given up after 18 s, with its calls", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    const waiting = call();
    life.callStarted(waiting);
    await seconds(7.5);
    expect(session.pings).toBe(0);
    await seconds(0.5);
    expect(session.pings).toBe(1);
    await seconds(9.5);
    expect([session.pings, waiting.ended, session.destroyed]).toEqual([1, [], false]);
    await seconds(0.5);
    expect(waiting.ended).toEqual([
      [Status.UNAVAILABLE, "Nothing has come from 10.0.0.1:50051 for 18 s, though it was asked"],
    ]);
    expect(session.destroyed).toBe(true);
  });

  it("that is silent for longer than any pause of a process, and goes on, loses nothing", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    const waiting = call();
    life.callStarted(waiting);
    for (let pause = 0; pause < 5; pause += 1) {
      await seconds(17.5);
      session.answers();
    }
    expect([waiting.ended, session.destroyed]).toEqual([[], false]);
  });

  it("that was sent much, of which the kernel alone knows, is asked early and has 20 s for the answer", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    const waiting = call();
    life.callStarted(waiting);
    session.socket.bytesWritten += 1_000_000;
    await seconds(1);
    expect(session.pings).toBe(1);
    await seconds(19.5);
    expect(session.destroyed).toBe(false);
    await seconds(0.5);
    expect([session.destroyed, waiting.ended.length]).toEqual([true, 1]);
  });

  it("that was sent more than a slow link carries in 20 s has the time for it, though something came meanwhile", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    const waiting = call();
    life.callStarted(waiting);
    // What the peer had permitted at once, and heard before it arrived.
    session.socket.bytesWritten += 4_000_000;
    session.hears();
    await seconds(80);
    expect([waiting.ended, session.destroyed]).toEqual([[], false]);
    await seconds(2);
    expect(session.destroyed).toBe(true);
  });

  it("that has shown how fast it is has 20 s, however much was sent", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    life.callStarted(call());
    session.isAnswering = true;
    await seconds(10, () => {
      session.socket.bytesWritten += 4_000_000;
    });
    expect(session.sentSettings.length).toBeGreaterThan(10);
    session.isAnswering = false;
    session.socket.bytesWritten += 8_000_000;
    await seconds(20.5);
    expect(session.destroyed).toBe(false);
    await seconds(2);
    expect(session.destroyed).toBe(true);
  });

  it("that carries little at a time isn't asked what has arrived", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    life.callStarted(call());
    await seconds(60, () => {
      session.socket.bytesWritten += 250_000;
      session.hears();
    });
    expect([session.pings, session.sentSettings]).toEqual([0, []]);
  });

  it("without calls isn't asked, and costs no timer", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    const one = call();
    life.callStarted(one);
    session.hears();
    life.callEnded(one);
    await seconds(1);
    expect(vi.getTimerCount()).toBe(0);
    await seconds(600);
    expect([session.pings, session.sentSettings, session.destroyed]).toEqual([0, [], false]);
  });

  it("whose calls all ended unanswered is asked, and given up sooner: there is nothing to lose", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    const late = call();
    life.callStarted(late);
    life.callEnded(late);
    await seconds(8);
    expect(session.pings).toBe(1);
    await seconds(10);
    expect(session.destroyed).toBe(true);
    await seconds(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is closing is asked by SETTINGS, since Node sends no PING then", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    life.callStarted(call());
    session.closed = true;
    session.isAnswering = true;
    await seconds(60);
    expect([session.pings, session.destroyed]).toEqual([0, false]);
    expect(session.sentSettings.length).toBeGreaterThan(3);
    session.isAnswering = false;
    await seconds(20);
    expect(session.destroyed).toBe(true);
  });

  it("is given up on what was heard, not on the clock: looks that this process missed don't count", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    life.callStarted(call());
    await seconds(8);
    vi.setSystemTime(Date.now() + 3_600_000);
    await seconds(1);
    expect(session.destroyed).toBe(false);
  });
});

describe("questions", () => {
  it("are two PINGs without data in between, and SETTINGS beyond that, however long it is silent", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    session.isAnswering = true;
    life.callStarted(call());
    await seconds(300);
    expect(session.pings).toBe(2);
    expect(session.sentSettings.length).toBeGreaterThan(25);
    expect(new Set(session.sentSettings.map((settings) => JSON.stringify(settings)))).toEqual(new Set(["{}"]));
    life.dataCame();
    session.hears();
    life.dataCame();
    await seconds(60);
    expect(session.pings).toBe(4);
  });

  it("are PINGs to a server that permits them, more often, and for as long as it is silent", async () => {
    const { session, life } = lifeOf(RESPONSIVE);
    session.isAnswering = true;
    session.emit("ping", Buffer.alloc(8));
    session.emit("ping", pingPermission(1_000));
    life.callStarted(call());
    await seconds(55);
    expect([session.pings, session.sentSettings.length]).toEqual([10, 0]);
  });

  it("come as often as the channel's options say", async () => {
    const { session, life } = lifeOf(OWN);
    session.isAnswering = true;
    life.callStarted(call());
    await seconds(30);
    expect([session.pings, session.sentSettings.length]).toEqual([2, 18]);
    session.isAnswering = false;
    await seconds(2.5);
    expect(session.destroyed).toBe(true);
  });

  it("are spared: one PING in 5.5 minutes", async () => {
    const { session, life } = lifeOf(CONSERVATIVE);
    session.isAnswering = true;
    life.callStarted(call());
    await seconds(329);
    expect([session.pings, session.sentSettings.length]).toEqual([0, 0]);
    life.askSoon();
    expect([session.pings, session.sentSettings.length]).toEqual([0, 1]);
    await seconds(331);
    expect(session.pings).toBe(1);
  });

  it("aren't put at all when keepalive is off", async () => {
    const { session, life } = lifeOf(KEEPALIVE_OFF);
    const waiting = call();
    life.callStarted(waiting);
    session.socket.bytesWritten += 1_000_000;
    life.askSoon();
    await seconds(3_600);
    expect([session.pings, session.sentSettings, session.destroyed]).toEqual([0, [], false]);
    expect(life.isUnanswered).toBe(false);
  });

  it("come half as often when the server says that they were too many", async () => {
    const pace = { slowness: 1 };
    const { session, life } = lifeOf(OWN, pace);
    expect(life.complaint).toBeUndefined();
    session.emit("goaway", 11, 0, Buffer.from("too_many_pings"));
    session.emit("goaway", 11, 0, Buffer.from("too_many_pings"));
    expect([life.complaint, pace.slowness]).toEqual([TOO_MANY_PINGS, 2]);
    const next = lifeOf(OWN, pace);
    next.session.isAnswering = true;
    next.life.callStarted(call());
    await seconds(30);
    expect(next.session.pings + next.session.sentSettings.length).toBe(12);
  });

  it("another GOAWAY says nothing of them, though perhaps what else the server has had enough of", () => {
    const pace = { slowness: 1 };
    const { session, life } = lifeOf(RESPONSIVE, pace);
    session.emit("goaway", 0, 0, undefined);
    expect(life.complaint).toBeUndefined();
    session.emit("goaway", 11, 0, Buffer.from("something else"));
    expect([life.complaint, pace.slowness]).toEqual(["something else", 1]);
  });
});

describe("the window", () => {
  const read = async (policy: KeepalivePolicy): Promise<FakeSession> => {
    const { session, life } = lifeOf(policy);
    await vi.advanceTimersByTimeAsync(50);
    session.answers();
    life.callStarted(call());
    for (let round = 0; round < 20; round += 1) {
      session.hears(65_536);
      life.read(65_536);
      await vi.advanceTimersByTimeAsync(50);
      session.answers();
      life.read(1);
    }
    return session;
  };

  it("follows what is read, and the connection's is wide enough for it", async () => {
    const session = await read(RESPONSIVE);
    const widest = session.sentSettings.map((settings) => Number(Reflect.get(settings, "initialWindowSize") ?? 0));
    expect(Math.max(...widest)).toBeGreaterThan(128 * 1024);
    expect(session.connectionWindows.every((bytes) => bytes >= 4 * 1024 * 1024)).toBe(true);
    expect(session.pings).toBeGreaterThan(0);
  });

  it("is measured without a PING when keepalive is off", async () => {
    const session = await read(KEEPALIVE_OFF);
    expect(session.sentSettings.some((settings) => "initialWindowSize" in settings)).toBe(true);
    expect(session.pings).toBe(0);
  });
});

describe("Node", () => {
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const each of open.splice(0).reverse()) {
      each.close();
    }
  });

  async function closingSession(): Promise<ClientHttp2Session> {
    vi.useRealTimers();
    const server = createServer().listen(0, "127.0.0.1");
    open.push(server);
    server.on("stream", (stream) => stream.respond());
    await once(server, "listening");
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    open.push({ close: () => client.destroy() });
    const request = client.request();
    request.on("error", () => {});
    await once(request, "response");
    client.close();
    return client;
  }

  it("sends no PING on a session that is closing, and SETTINGS, which are answered", async () => {
    const client = await closingSession();
    const error = await new Promise((resolve) => client.ping((failure) => resolve(failure)));
    expect(error).toBeInstanceOf(Error);
    expect(await new Promise((resolve) => client.settings({}, (failure) => resolve(failure)))).toBeNull();
  });

  it("shows what has come and left on a session's socket", async () => {
    const { socket } = await closingSession();
    expect(socket.bytesRead).toBeGreaterThan(0);
    expect(socket.bytesWritten).toBeGreaterThan(0);
  });
});
