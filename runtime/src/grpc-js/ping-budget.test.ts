import fc from "fast-check";
import { expect, it } from "vitest";
import { PingBudget } from "./ping-budget.js";

const PERMITTED_MS = 300_000;

/** A server's count of strikes, as grpc-go, grpc-java and C-core have it with default options (gRFC A8). */
abstract class Peer {
  strikes = 0;
  protected lastAt = Number.NEGATIVE_INFINITY;

  abstract pinged(now: number): void;

  sent(): void {
    this.strikes = 0;
  }
}

class Go extends Peer {
  #hasSent = false;

  pinged(now: number): void {
    if (!this.#hasSent && now - this.lastAt < PERMITTED_MS) {
      this.strikes += 1;
    }
    this.#hasSent = false;
    this.lastAt = now;
  }

  override sent(): void {
    this.strikes = 0;
    this.#hasSent = true;
  }
}

/** It counts from the begin of the connection, or from the last ping that was in time. */
class Java extends Peer {
  protected override lastAt = 0;

  pinged(now: number): void {
    if (now - this.lastAt < PERMITTED_MS) {
      this.strikes += 1;
    } else {
      this.lastAt = now;
    }
  }
}

class Core extends Peer {
  pinged(now: number): void {
    if (now - this.lastAt < PERMITTED_MS) {
      this.strikes += 1;
    }
    this.lastAt = now;
  }

  override sent(): void {
    this.strikes = 0;
    this.lastAt = Number.NEGATIVE_INFINITY;
  }
}

const PEERS = { Go, Java, Core };

it("permits two pings, and then one in more than five minutes", () => {
  const budget = new PingBudget();
  expect([0, 1, 2, 300_000, 330_002, 330_003].map((now) => budget.take(now))).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
});

it("data that may have been sent before the last ping came doesn't count", () => {
  const budget = new PingBudget();
  budget.take(0);
  budget.take(1);
  budget.dataCame();
  expect(budget.take(2)).toBe(false);
  budget.answered();
  budget.dataCame();
  expect(budget.take(3)).toBe(true);
});

it.each(Object.keys(PEERS) as (keyof typeof PEERS)[])(
  "no %s server has struck three times, whatever happens",
  (name) => {
    const event = fc.record({
      what: fc.constantFrom("ask", "ask", "data", "answer"),
      afterMs: fc.oneof(fc.nat(2_000), fc.nat(400_000)),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const budget = new PingBudget();
        const peer = new PEERS[name]();
        // What the peer has sent and the client hasn't got yet, in its order.
        const onTheWay: ("answer" | "data")[] = [];
        let now = 0;
        for (const { what, afterMs } of events) {
          now += afterMs;
          if (what === "ask") {
            if (budget.take(now)) {
              peer.pinged(now);
              onTheWay.push("answer");
            }
          } else if (what === "data") {
            peer.sent();
            onTheWay.push("data");
          } else {
            const arrived = onTheWay.shift();
            if (arrived === "answer" && !onTheWay.includes("answer")) {
              budget.answered();
            } else if (arrived === "data") {
              budget.dataCame();
            }
          }
          expect(peer.strikes).toBeLessThan(3);
        }
      }),
      { numRuns: 500 },
    );
  },
);
