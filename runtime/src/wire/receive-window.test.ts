import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ReceiveWindow, WIDEST_WINDOW_BYTES } from "./receive-window.js";
import { WindowPool } from "./window-pool.js";

const KiB = 1024;
const MiB = 1024 * KiB;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

interface Wire {
  readonly roundTripMs: number;
  /** What the wire carries; the sender may have more. */
  readonly bytesPerMs: number;
  /** What a slow reader takes. */
  readonly readBytesPerMs?: number;
  readonly firstBytes?: number;
  readonly pool?: WindowPool;
}

/** A wire in steps of a millisecond, whose sender has no end of bytes, and a window as it is with the peer. */
function wireOf({ roundTripMs, bytesPerMs, readBytesPerMs = Number.POSITIVE_INFINITY, ...init }: Wire) {
  const { firstBytes = 64 * KiB, pool = new WindowPool(64 * MiB) } = init;
  let now = 0;
  let unread = 0;
  let peerWindow = firstBytes;
  let isBlocked = false;
  const frames: number[] = [];
  const due: { readonly at: number; readonly run: () => void }[] = [];
  const later = (ms: number, run: () => void): void => void due.push({ at: now + ms, run });
  const window = new ReceiveWindow(
    {
      ask: (answered) => {
        later(roundTripMs, answered);
        return true;
      },
      setWindow: (bytes) => {
        if (isBlocked) {
          return false;
        }
        frames.push(bytes);
        later(roundTripMs / 2, () => {
          peerWindow = bytes;
        });
        return true;
      },
    },
    { firstBytes, pool, clock: () => now },
  );
  window.roundTrip(roundTripMs);
  let inFlight = 0;
  const step = (isSending: boolean): void => {
    now += 1;
    for (const { run } of due.splice(0, due.length).filter((each) => each.at <= now || !due.push(each))) {
      run();
    }
    // Node gives credit back when half a window has been read: about half a window is on its way at a time.
    const room = Math.max(0, Math.min(bytesPerMs, peerWindow / 2 - inFlight - unread));
    if (isSending && room > 0) {
      inFlight += room;
      later(roundTripMs, () => {
        inFlight -= room;
        unread += room;
      });
    }
    const taken = Math.min(unread, readBytesPerMs);
    unread -= taken;
    if (taken > 0) {
      window.read(taken);
    }
    vi.advanceTimersByTime(1);
  };
  return {
    window,
    frames,
    pool,
    block: (blocked: boolean) => {
      isBlocked = blocked;
    },
    run: (ms: number, isSending = true) => {
      for (let count = 0; count < ms; count += 1) {
        step(isSending);
      }
    },
  };
}

describe("a window", () => {
  it.each([
    { roundTripMs: 50, bytesPerMs: 64 * KiB },
    { roundTripMs: 10, bytesPerMs: 200 * KiB },
    { roundTripMs: 150, bytesPerMs: 10 * KiB },
  ])("becomes what the wire holds: $roundTripMs ms, $bytesPerMs bytes a millisecond", (wire) => {
    const { window, run } = wireOf(wire);
    window.streams(1);
    run(40 * wire.roundTripMs);
    const product = wire.roundTripMs * wire.bytesPerMs;
    // Half of it is on its way at a time.
    expect(window.bytes).toBeGreaterThanOrEqual(Math.min(WIDEST_WINDOW_BYTES, 2 * product));
    expect(window.bytes).toBeLessThanOrEqual(Math.min(WIDEST_WINDOW_BYTES, 8 * product));
  });

  it.each([
    ["a rack", { roundTripMs: 1, bytesPerMs: 20 * KiB }],
    ["a slow wire", { roundTripMs: 50, bytesPerMs: 300 }],
    ["a slow reader", { roundTripMs: 50, bytesPerMs: 64 * KiB, readBytesPerMs: 100 }],
    ["nobody who reads", { roundTripMs: 50, bytesPerMs: 64 * KiB, readBytesPerMs: 0 }],
  ])("stays what it is for %s", (_name, wire) => {
    const { window, run, frames } = wireOf(wire);
    window.streams(1);
    run(5_000);
    expect([window.bytes, frames]).toEqual([64 * KiB, []]);
  });

  it("begins where it is told to, and goes back there when nobody needs more", () => {
    const { window, run, frames, pool } = wireOf({ roundTripMs: 50, bytesPerMs: 64 * KiB, firstBytes: 256 * KiB });
    window.streams(1);
    run(2_000);
    expect(window.bytes).toBeGreaterThan(2 * MiB);
    run(10_000, false);
    expect([window.bytes, frames.at(-1), pool.claimedBytes]).toEqual([256 * KiB, 256 * KiB, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is no wider than the pool allows for as many streams as there are", () => {
    const { window, run, pool } = wireOf({ roundTripMs: 50, bytesPerMs: 64 * KiB, pool: new WindowPool(16 * MiB) });
    window.streams(8);
    run(3_000);
    expect(window.bytes).toBeGreaterThan(MiB);
    expect((window.bytes - 64 * KiB) * 8).toBeLessThanOrEqual(16 * MiB);
    window.streams(100);
    expect((window.bytes - 64 * KiB) * 100).toBeLessThanOrEqual(16 * MiB);
    window.streams(100_000);
    expect(pool.claimedBytes).toBeLessThanOrEqual(16 * MiB);
  });

  it("needs few frames for many streams more", () => {
    const { window, run, frames } = wireOf({ roundTripMs: 50, bytesPerMs: 64 * KiB, pool: new WindowPool(16 * MiB) });
    window.streams(1);
    run(3_000);
    const before = frames.length;
    for (let count = 2; count <= 1_000; count += 1) {
      window.streams(count);
    }
    expect(frames.length - before).toBeLessThan(15);
  });

  it("is as narrow as it must be, until it needn't be", () => {
    const { window, run } = wireOf({ roundTripMs: 50, bytesPerMs: 64 * KiB });
    window.streams(1);
    run(1_000);
    window.limit(16 * KiB);
    run(3_000);
    expect(window.bytes).toBe(16 * KiB);
    window.limit(undefined);
    expect(window.bytes).toBe(64 * KiB);
    run(2_000);
    expect(window.bytes).toBeGreaterThan(MiB);
  });

  it("is said later if it can't be said now", () => {
    const { window, run, block, frames } = wireOf({ roundTripMs: 50, bytesPerMs: 64 * KiB });
    block(true);
    window.limit(16 * KiB);
    expect(frames).toEqual([]);
    block(false);
    run(2_000, false);
    expect(frames).toEqual([16 * KiB]);
  });

  it("is nobody's any more when its connection is gone", () => {
    const { window, run, pool } = wireOf({ roundTripMs: 50, bytesPerMs: 64 * KiB });
    window.streams(1);
    run(1_000);
    expect(pool.claimedBytes).toBeGreaterThan(0);
    window.close();
    run(1_000);
    expect([pool.claimedBytes, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
