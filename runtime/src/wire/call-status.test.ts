import { Metadata } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { atDeadline, receivedStatus, withoutConnection } from "./call-status.js";
import { Status } from "./status.js";

it.each([
  [
    "Received RST_STREAM with code 2 triggered by internal client error: Session closed with error code 2",
    "UNAVAILABLE",
  ],
  ["Received RST_STREAM with code 2 triggered by internal client error: something else", "INTERNAL"],
  ["Received RST_STREAM with code 2 (Internal server error)", "INTERNAL"],
  ["Internal error (error id 0123456789ab)", "INTERNAL"],
] as const)("a status that says `%s` is %s", (details, expected) => {
  const metadata = new Metadata();
  const received = receivedStatus({ code: Status.INTERNAL, details, metadata });
  expect(received).toEqual({ code: Status[expected], details, metadata });
});

it("any other status stays as it is", () => {
  const status = { code: Status.NOT_FOUND, details: "Session closed with error code 2", metadata: new Metadata() };
  expect(receivedStatus(status)).toBe(status);
});

it.each<[string, unknown, string]>([
  ["an Error", new Error("unpacking failed"), "unpacking failed"],
  ["an Error without a text", new Error(""), "The call failed, and nothing says why"],
  ["a status without a code", { details: "half a status" }, "half a status"],
  ["a status whose code is a text", { code: "5", details: "not found" }, "not found"],
  ["a status whose code is null", { code: null, details: "" }, "The call failed, and nothing says why"],
  ["details that are no text", { details: 7, message: "its message" }, "its message"],
  ["nothing", undefined, "The call failed, and nothing says why"],
  ["a text", "oops", "The call failed, and nothing says why"],
])("%s that ends a call is INTERNAL, with its reason", (_what, status, details) => {
  expect(receivedStatus(status as never)).toMatchObject({
    code: Status.INTERNAL,
    details,
    metadata: expect.any(Metadata),
  });
});

it("a status whose code isn't a number of gRPC's is left to who translates it", () => {
  const status = { code: Number.NaN, details: "", metadata: new Metadata() };
  expect(receivedStatus(status)).toBe(status);
});

it.each([
  ["a reset when the deadline has passed", Status.CANCELLED, "Call cancelled", -3, "DEADLINE_EXCEEDED"],
  ["a reset a little before", Status.CANCELLED, "Call cancelled", 5, "DEADLINE_EXCEEDED"],
  ["a reset long before", Status.CANCELLED, "Call cancelled", 500, "CANCELLED"],
  ["a reset without a deadline", Status.CANCELLED, "Call cancelled", Number.POSITIVE_INFINITY, "CANCELLED"],
  ["an answer that says CANCELLED", Status.CANCELLED, "The order was cancelled", -3, "CANCELLED"],
  ["any other status", Status.NOT_FOUND, "Call cancelled", -3, "NOT_FOUND"],
] as const)("%s", (_what, code, details, remainingMs, expected) => {
  const status = { code, details, metadata: new Metadata() };
  expect(atDeadline(status, remainingMs).code).toBe(Status[expected]);
});

const AFTER = "Deadline exceeded after 0.300s";

it.each([
  ["waited for addresses", `${AFTER},waiting for name resolution`, 0, "UNAVAILABLE"],
  ["waited for a connection", `${AFTER},name resolution: 0.004s,Waiting for LB pick`, -1, "UNAVAILABLE"],
  [
    "had less time than a connection takes",
    "Deadline exceeded after 0.020s,name resolution: 0.001s,Waiting for LB pick",
    -1,
    "DEADLINE_EXCEEDED",
  ],
  ["had less, and was told so late", `${AFTER},Waiting for LB pick`, -280, "DEADLINE_EXCEEDED"],
  ["had been sent before", `${AFTER},previous attempts: 1,Waiting for LB pick`, -1, "DEADLINE_EXCEEDED"],
  ["is with a server", `${AFTER},LB pick: 0.100s,remote_addr=127.0.0.1:1`, -1, "DEADLINE_EXCEEDED"],
  ["ended so at a server, before", `${AFTER},Waiting for LB pick`, 500, "DEADLINE_EXCEEDED"],
] as const)(
  "the deadline of a call that %s, on a channel without a connection",
  (_what, details, remainingMs, expected) => {
    const status = { code: Status.DEADLINE_EXCEEDED, details, metadata: new Metadata() };
    const end = withoutConnection(status, remainingMs);
    expect(end.code).toBe(Status[expected]);
    expect(end.details).toContain(details);
  },
);
