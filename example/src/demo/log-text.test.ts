import { describe, expect, it } from "vitest";
import { callOf, textOf } from "./log-text.js";

const REQUEST = {
  level: 30,
  time: 1,
  pid: 1,
  name: "ledger-server",
  msg: "transfer.request",
  path: "/ledger.v1.LedgerService/Transfer",
  peer: "127.0.0.1:1",
  request_id: "0b7a4c1e-93d2-4f5e-8a6b-1c2d3e4f5a6b",
  amount: "2500",
  payload: "amount { minor_units: 2500 }",
};
const RESPONSE = { ...REQUEST, msg: "transfer.response", status: "OK", duration_ms: 4.123, transfer_id: "7" };

describe("textOf", () => {
  it("shows the fields of a request, and shortens UUIDs", () => {
    expect(textOf(REQUEST, undefined, false)).toEqual({
      tone: "faint",
      event: "transfer.request",
      details: "request_id=0b7a4c1e… amount=2500",
    });
    expect(textOf(REQUEST, undefined, true).details).toContain("payload: amount { minor_units: 2500 }");
  });

  it("doesn't repeat in a response what the request said", () => {
    expect(textOf(RESPONSE, REQUEST, false)).toEqual({
      tone: "good",
      event: "transfer.response",
      details: "OK in 4.1 ms · transfer_id=7",
    });
  });

  it("says how a refused call ended", () => {
    const refused = { ...RESPONSE, level: 40, status: "ABORTED", code: "STALE_ANCHOR", error: "too late" };
    expect(textOf(refused, RESPONSE, false)).toMatchObject({
      tone: "caution",
      details: "ABORTED STALE_ANCHOR in 4.1 ms · “too late”",
    });
    const caused = { ...refused, err: { stack: "StaleAnchorError: too late\n  at x\ncaused by: Error: why\n  at y" } };
    expect(textOf(caused, RESPONSE, false).details).toContain("· caused by Error: why");
  });
});

describe("callOf", () => {
  it("tells the two ends of a call from other lines", () => {
    expect(callOf(REQUEST)).toEqual({ method: REQUEST.path, end: false });
    expect(callOf(RESPONSE)).toEqual({ method: REQUEST.path, end: true });
    expect(callOf({ ...REQUEST, msg: "books open" })).toBeUndefined();
  });
});
