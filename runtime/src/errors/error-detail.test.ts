import { inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { NestedSchema, ProbeRequestSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { DuplicateRequestError } from "../../test-support/probe-errors.js";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { Status } from "../wire/status.js";
import { StatusError } from "./status-error.js";

type DetailedError = DuplicateRequestError | StatusError;

const badRequest = anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: [{ field: "id" }] }));
const unknown = create(AnySchema, { typeUrl: "types.example.com/not.known.Here", value: Uint8Array.of(1, 2, 3) });

const CLASSES: readonly [string, (details?: readonly Any[]) => DetailedError][] = [
  ["an error of a contract", (details) => new DuplicateRequestError({}, { details })],
  ["a StatusError", (details) => new StatusError(Status.ABORTED, "aborted", { details })],
];

describe.each(CLASSES)("the details of %s", (_name, make) => {
  it("are what it was given, by type or as bytes", () => {
    const error = make([unknown, badRequest]);
    expect(error.details).toEqual([unknown, badRequest]);
    expect(error.detail(BadRequestSchema)?.fieldViolations[0]?.field).toBe("id");
    expect(error.detail(ErrorInfoSchema)).toBeUndefined();
    expect(make().details).toEqual([]);
    expect(make([]).detail(BadRequestSchema)).toBeUndefined();
  });

  it("hide nothing when they can't be decoded", () => {
    const broken = create(AnySchema, { typeUrl: badRequest.typeUrl, value: Uint8Array.of(0x0a, 0xff) });
    const error = make([broken]);
    expect(error.detail(BadRequestSchema)).toBeUndefined();
    expect(error.details).toEqual([broken]);
  });

  it.each([
    ["no list", badRequest],
    ["a message that isn't packed", [create(BadRequestSchema)]],
    ["nothing", [undefined]],
    ["null", [null]],
    ["an Any without a type", [create(AnySchema)]],
    ["an Any as JSON", [{ typeUrl: badRequest.typeUrl, value: "Cg==" }]],
  ])("aren't %s", (_what, details) => {
    expect(() => make(details as never)).toThrow(/packed/);
    expect(() => make(details as never)).toThrow(TypeError);
  });

  it("aren't printed by whoever prints the error: their fields may be redacted", () => {
    const secret = anyPack(ProbeRequestSchema, create(ProbeRequestSchema, { secret: "hunter2" }));
    const error = make([secret]);
    const lines: string[] = [];
    pino({}, { write: (line: string) => void lines.push(line) }).error({ err: error }, "failed");
    lines.push(inspect(error, { depth: 9, showHidden: true }), JSON.stringify({ ...error }));
    expect(lines.join()).not.toMatch(/hunter2|104,\s*117,\s*110,\s*116|ProbeRequest/);
  });
});

it("a StatusError has a status of an error", () => {
  for (const status of [Status.OK, 17, -1, 1.5, Number.NaN, "5", undefined]) {
    expect(() => new StatusError(status as Status, "text")).toThrow(TypeError);
  }
});

it("a StatusError is recognised across copies of this package, and a subclass by its class", () => {
  class Special extends StatusError {}
  const foreign = { [Symbol.for("accord.StatusError")]: true };
  expect(foreign).toBeInstanceOf(StatusError);
  expect(foreign).not.toBeInstanceOf(Special);
  expect(new Special(Status.ABORTED, "aborted")).toBeInstanceOf(StatusError);
  expect(new Error("plain")).not.toBeInstanceOf(StatusError);
});

it("a StatusError hands on what another server answered", () => {
  const nested = anyPack(NestedSchema, create(NestedSchema, { name: "kept" }));
  const remote = new DuplicateRequestError({}, { remote: true, message: "theirs", details: [nested, unknown] });
  const error = StatusError.from(remote);
  expect(error).toMatchObject({ status: Status.ALREADY_EXISTS, message: "theirs", cause: remote });
  expect(error.details).toEqual([nested, unknown]);
});
