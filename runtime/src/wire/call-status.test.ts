import { Metadata } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { receivedStatus } from "./call-status.js";
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
