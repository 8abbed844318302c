import { Status as GrpcStatus } from "@accord-grpc/runtime/contract";
import { expect, it } from "vitest";
import { Status } from "../read/options.js";
import { statusName } from "./status.js";

it("accord.v1.Status has gRPC's statuses, under their names and numbers", () => {
  const numbers = Object.fromEntries(Object.entries(Status).filter(([, value]) => typeof value === "number"));
  expect(numbers).toEqual(GrpcStatus);
});

it("a status that doesn't exist is UNKNOWN", () => {
  expect(statusName(99 as Status)).toBe("UNKNOWN");
});
