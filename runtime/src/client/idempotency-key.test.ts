import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ProbeRequestSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { withIdempotencyKey } from "./idempotency-key.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

it("fills an empty key in a copy of the caller's message", () => {
  const given = create(ProbeRequestSchema, { action: "pay", padding: new Uint8Array([1]) });
  const filled = withIdempotencyKey(given, given, "id");
  expect(filled.id).toMatch(UUID);
  expect(given.id).toBe("");
  expect(filled).toEqual({ ...given, id: filled.id });
});

it("fills the message that was made of an initialiser in place", () => {
  const request = create(ProbeRequestSchema, { action: "pay" });
  expect(withIdempotencyKey(request, { action: "pay" }, "id")).toBe(request);
  expect(request.id).toMatch(UUID);
});

it("keeps a key that is there", () => {
  const request = create(ProbeRequestSchema, { id: "mine" });
  expect(withIdempotencyKey(request, request, "id")).toBe(request);
  expect(request.id).toBe("mine");
});

it("keeps the prototype, which holds the defaults of fields with presence", () => {
  const prototype = { id: "" };
  const given = Object.assign(Object.create(prototype), { $typeName: "x" });
  const filled = withIdempotencyKey(given, given, "id");
  expect(Object.getPrototypeOf(filled)).toBe(prototype);
  expect(Object.hasOwn(filled, "id")).toBe(true);
  expect(Object.hasOwn(given, "id")).toBe(false);
});
