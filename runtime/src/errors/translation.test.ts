import { create } from "@bufbuild/protobuf";
import { anyPack, DurationSchema } from "@bufbuild/protobuf/wkt";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { ProbeErrorDetailSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import {
  AUDIT_DOMAIN,
  AuditFullError,
  InsufficientFundsError,
  PROBE_CATEGORIES,
  PROBE_ERROR_MAP,
  ProbeConflictError,
  ProbeFailedPreconditionError,
  ProbeInvalidArgumentError,
  ProbeUnavailableError,
  ProbeUnknownError,
} from "../../test-support/probe-errors.js";
import { errorInfo, insufficientFunds, trailersWith } from "../../test-support/probe-statuses.js";
import { RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { type CallStatus, clientStatus } from "../wire/call-status.js";
import { Status, statusName } from "../wire/status.js";
import type { ContractError } from "./contract-error.js";
import { translateStatus } from "./translation.js";

const translate = (status: CallStatus): ContractError => translateStatus(status, PROBE_ERROR_MAP);

function withDetails(code: number, ...details: ReturnType<typeof errorInfo>[]): CallStatus {
  return { code, details: "said", metadata: trailersWith({ code, message: "said, too", details }) };
}

describe("declared errors", () => {
  it("are read from ErrorInfo", () => {
    const error = translate(insufficientFunds());
    expect(error).toBeInstanceOf(InsufficientFundsError);
    expect(error.metadata).toEqual({ balance: "5", amount: "7" });
    expect(error.remote).toBe(true);
  });

  it("are read from the domain's own detail before ErrorInfo", () => {
    const detail = create(ProbeErrorDetailSchema, {
      code: "INSUFFICIENT_FUNDS",
      metadata: { balance: "1", amount: "2" },
    });
    const error = translate(withDetails(9, errorInfo("SOMETHING_ELSE"), anyPack(ProbeErrorDetailSchema, detail)));
    expect(error).toBeInstanceOf(InsufficientFundsError);
    expect(error.metadata).toEqual({ balance: "1", amount: "2" });
  });

  it("of an imported map are known by their own domain", () => {
    const status = withDetails(Status.RESOURCE_EXHAUSTED, errorInfo("AUDIT_FULL", {}, AUDIT_DOMAIN));
    expect(translate(status)).toBeInstanceOf(AuditFullError);
  });

  it("have the message that the server sent, else the contract's", () => {
    expect(translate(insufficientFunds()).message).toBe("Balance 5 is below 7");
    const details = [errorInfo("INSUFFICIENT_FUNDS", { balance: "1", amount: "2" })];
    const silent = { code: 9, details: "", metadata: trailersWith({ code: 9, details }) };
    expect(translate(silent).message).toBe("Balance 1 is below 2");
  });

  it("have all keys that they declare, and keep those that they don't", () => {
    const error = translate(withDetails(9, errorInfo("INSUFFICIENT_FUNDS", { amount: "7", since: "v2" })));
    expect(error.metadata).toEqual({ balance: "", amount: "7", since: "v2" });
  });

  it("of a foreign domain aren't ours", () => {
    const error = translate(withDetails(9, errorInfo("INSUFFICIENT_FUNDS", {}, "elsewhere.example.com")));
    expect(error).not.toBeInstanceOf(InsufficientFundsError);
    expect(error).toBeInstanceOf(ProbeFailedPreconditionError);
    expect(error.code).toBe("INSUFFICIENT_FUNDS");
  });

  it("without a domain aren't ours", () => {
    const error = translate(withDetails(9, errorInfo("INSUFFICIENT_FUNDS", {}, "")));
    expect(error).not.toBeInstanceOf(InsufficientFundsError);
  });

  it("say when to try again", () => {
    const delay = anyPack(
      RetryInfoSchema,
      create(RetryInfoSchema, { retryDelay: create(DurationSchema, { nanos: 500_000_000 }) }),
    );
    const { retryAfterMs } = translate(withDetails(9, errorInfo("INSUFFICIENT_FUNDS"), delay));
    expect(retryAfterMs).toBe(500);
    expect(translate(insufficientFunds()).retryAfterMs).toBeUndefined();
  });
});

describe("codes that the contract doesn't know", () => {
  it("become the status's category, with the code and metadata that were sent", () => {
    const error = translate(withDetails(Status.ABORTED, errorInfo("STALE_ANCHOR", { anchor: "3" })));
    expect(error).toBeInstanceOf(ProbeConflictError);
    expect(error).toMatchObject({
      code: "STALE_ANCHOR",
      status: Status.ABORTED,
      message: "said",
      metadata: { anchor: "3" },
    });
  });

  it.each(Object.values(Status).filter((status) => status !== Status.OK))("status %i has a category", (code) => {
    const error = translate({ code, details: "why", metadata: new Metadata() });
    expect(Object.values(PROBE_CATEGORIES)).toContain(error.constructor);
    expect(error).toMatchObject({ code: statusName(code), status: code, message: "why", metadata: {}, remote: true });
  });

  it.each([
    [Status.UNAVAILABLE, ProbeUnavailableError],
    [Status.DEADLINE_EXCEEDED, ProbeUnavailableError],
    [Status.OUT_OF_RANGE, ProbeInvalidArgumentError],
    [Status.ALREADY_EXISTS, ProbeConflictError],
    [Status.INTERNAL, ProbeUnknownError],
  ])("status %i has its own", (code, category) => {
    expect(translate({ code, details: "", metadata: new Metadata() })).toBeInstanceOf(category);
  });

  it("have a name where nothing was said", () => {
    expect(translate({ code: 5, details: "", metadata: new Metadata() }).message).toBe("NOT_FOUND");
  });
});

describe("hostile statuses", () => {
  it.each([Number.NaN, -1, 17, 99, 1.5, undefined as unknown as number])("code %s becomes UNKNOWN", (code) => {
    const error = translate({ code, details: "odd", metadata: new Metadata() });
    expect(error).toBeInstanceOf(ProbeUnknownError);
    expect(error).toMatchObject({ code: "UNKNOWN", status: Status.UNKNOWN, message: "odd" });
  });

  it("details that aren't a Status don't hide the status", () => {
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from([0xff, 0xff, 0x00, 0x13]));
    const error = translate({ code: Status.NOT_FOUND, details: "gone", metadata });
    expect(error).toMatchObject({ code: "NOT_FOUND", message: "gone" });
  });

  it("a detail that can't be decoded doesn't hide the others", () => {
    const broken = {
      ...anyPack(ProbeErrorDetailSchema, create(ProbeErrorDetailSchema)),
      value: new Uint8Array([0x0a, 0xff]),
    };
    const error = translate(withDetails(9, broken, errorInfo("INSUFFICIENT_FUNDS", { balance: "1" })));
    expect(error).toBeInstanceOf(InsufficientFundsError);
  });

  it("an ErrorInfo that can't be decoded leaves the status", () => {
    const error = translate(withDetails(9, { ...errorInfo("X"), value: new Uint8Array([0xff]) }));
    expect(error).toMatchObject({ code: "FAILED_PRECONDITION", message: "said" });
  });

  it("grpc-status is believed before Status.code", () => {
    const metadata = trailersWith({ code: Status.NOT_FOUND, message: "no", details: [] });
    expect(translate({ code: Status.UNAVAILABLE, details: "down", metadata })).toMatchObject({
      code: "UNAVAILABLE",
      status: Status.UNAVAILABLE,
      message: "down",
    });
  });

  it("metadata with names of Object's own is metadata", () => {
    const wire = Object.fromEntries([
      ["constructor", "c"],
      ["toString", "t"],
    ]);
    expect(translate(withDetails(5, errorInfo("ODD", wire))).metadata).toEqual(wire);
  });

  it("a status of grpc-js without a text has none", () => {
    const status = { code: undefined, details: undefined, metadata: new Metadata() } as unknown as CallStatus;
    expect(translate(status)).toMatchObject({ code: "UNKNOWN", message: "UNKNOWN" });
  });
});

it("what the client itself decided keeps its cause", () => {
  const cause = new Error("why");
  expect(translate(clientStatus(Status.CANCELLED, "Cancelled", cause)).cause).toBe(cause);
  expect("cause" in translate(clientStatus(Status.CANCELLED, "Cancelled"))).toBe(false);
});

describe("the stack trace", () => {
  it("begins where the error was asked for", () => {
    const [header, first] = translate(insufficientFunds()).stack?.split("\n") ?? [];
    expect(header).toBe("InsufficientFundsError: Balance 5 is below 7");
    expect(first).toMatch(/translation\.test\.ts/);
  });
});
