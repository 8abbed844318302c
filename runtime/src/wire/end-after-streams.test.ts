import { EventEmitter, once } from "node:events";
import type { Http2Session, Http2Stream } from "node:http2";
import { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { endAfterStreams, freeAfterBytes, freeAtOnce, type WrittenSocket } from "./end-after-streams.js";

// What Node does with a stream that has ended is a count here. That its process lives is for `npm run fuzz` to say.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

class FakeSession extends EventEmitter {
  destroyed = false;
  readonly asked: (() => void)[] = [];

  settings(_: object, acknowledged: () => void): void {
    this.asked.push(acknowledged);
  }

  destroy(): void {
    this.destroyed = true;
  }
}

class FakeSocket extends EventEmitter {
  bytesWritten = 100;
  destroyed = false;

  destroy(): void {
    this.destroyed = true;
  }
}

/** A stream that its peer has reset; `freed`: how often its native half was given up. */
class EndedStream extends Duplex {
  freed = 0;
  override readonly closed = true;

  constructor(
    readonly session: FakeSession,
    unwritten: number,
  ) {
    super();
    this.on("error", () => {});
    if (unwritten > 0) {
      this.write(Buffer.alloc(unwritten));
    }
  }

  override _write(): void {
    // It never gets to the socket.
  }

  override _read(): void {}

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.freed += 1;
    callback(error);
  }
}

function connection(): { session: FakeSession; socket: FakeSocket; ended: (unwritten?: number) => EndedStream } {
  const session = new FakeSession();
  const socket = new FakeSocket();
  const busy = () => false;
  endAfterStreams(session as unknown as Http2Session, socket as unknown as WrittenSocket, busy, () => undefined);
  return {
    session,
    socket,
    ended(unwritten = 10) {
      const stream = new EndedStream(session, unwritten);
      freeAfterBytes(stream as unknown as Http2Stream);
      stream.destroy();
      return stream;
    },
  };
}

describe("a stream that ends before its bytes have left", () => {
  it("closes at once for who listens, and is freed when the next piece is written", async () => {
    const { socket, ended } = connection();
    const stream = ended();
    await once(stream, "close");
    vi.advanceTimersByTime(10_000);
    expect(stream.freed).toBe(0);
    socket.bytesWritten += 1;
    vi.advanceTimersByTime(50);
    expect(stream.freed).toBe(1);
  });

  it("asks its peer, so that there is a next piece, and asks no second time without an answer", () => {
    const { session, socket, ended } = connection();
    const streams = Array.from({ length: 200 }, () => ended());
    vi.advanceTimersByTime(10_000);
    expect(session.asked.length).toBe(1);
    socket.bytesWritten += 9;
    vi.advanceTimersByTime(50);
    expect(streams.map(({ freed }) => freed)).toEqual(streams.map(() => 1));

    const later = ended();
    vi.advanceTimersByTime(10_000);
    expect([session.asked.length, later.freed]).toEqual([1, 0]);
    session.asked[0]?.();
    vi.advanceTimersByTime(50);
    expect(session.asked.length).toBe(2);
  });

  it("is held for some milliseconds where the peer reads", () => {
    const { session, socket, ended } = connection();
    session.settings = () => {
      socket.bytesWritten += 9;
    };
    const stream = ended();
    vi.advanceTimersByTime(5);
    expect(stream.freed).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is freed when the socket closes, for which the session waits", () => {
    const { session, socket, ended } = connection();
    const stream = ended();
    session.destroy();
    vi.advanceTimersByTime(1_000);
    expect([socket.destroyed, session.destroyed, stream.freed]).toEqual([true, false, 0]);
    socket.emit("close");
    expect([session.destroyed, stream.freed, vi.getTimerCount()]).toEqual([true, 1, 0]);
  });
});

it("a stream whose bytes have left is freed at once, and so is one after the socket", () => {
  const { socket, ended } = connection();
  expect(ended(0).freed).toBe(1);
  socket.emit("close");
  expect(ended().freed).toBe(1);
});

it("a stream whose peer had sent all is freed at once", () => {
  const { session } = connection();
  const stream = new EndedStream(session, 10);
  freeAfterBytes(stream as unknown as Http2Stream);
  freeAtOnce(stream as unknown as Http2Stream);
  stream.destroy();
  expect(stream.freed).toBe(1);
});
