import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ProbeRequestSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { MemoryLogger } from "../testing/index.js";
import { BoundLogger } from "./bound-logger.js";
import { GuardedLogger } from "./guarded-logger.js";
import { LoggedError } from "./logged-error.js";
import { presentableFields } from "./presentable-fields.js";
import { messageShower } from "./shown-message.js";

const request = create(ProbeRequestSchema, { id: "r-1", secret: "hush" });
const show = messageShower([ProbeService.file], new Set());

it("leaves fields as they are that are plain", () => {
  const fields = { a: 1, b: "text", c: { d: [1] }, e: undefined, f: null };
  expect(presentableFields(fields)).toBe(fields);
});

it("makes errors and messages fit", () => {
  expect(presentableFields({ a: 1, request, failure: new TypeError("t"), err: "no error" }, show)).toEqual({
    a: 1,
    request: 'probe.v1.ProbeRequest { id: "r-1" secret: [REDACTED] }',
    failure: expect.any(LoggedError),
    err: expect.objectContaining({ message: "Something that isn't an Error was thrown: no error" }),
  });
  expect(presentableFields(new Error("in place of fields"))).toMatchObject({ err: { message: "in place of fields" } });
  expect(presentableFields({ request })).toEqual({ request: "a message of the type probe.v1.ProbeRequest" });
});

it("is what a call's logger and a server's give to theirs", () => {
  const memory = new MemoryLogger();
  const logger = new BoundLogger(new GuardedLogger(memory), { bound: 1 }, show);
  logger.info({ request }, "one");
  logger.error({ err: Object.assign(new Error("m"), { request }) }, "two");
  new GuardedLogger(memory).error({ err: Object.assign(new Error("m"), { request }), request }, "three");
  expect(memory.lines.map(({ fields }) => fields)).toMatchObject([
    { bound: 1, request: 'probe.v1.ProbeRequest { id: "r-1" secret: [REDACTED] }' },
    { bound: 1, err: { message: "m" } },
    { err: { message: "m" }, request: "a message of the type probe.v1.ProbeRequest" },
  ]);
  expect(JSON.stringify(memory.lines)).not.toContain("hush");
});
