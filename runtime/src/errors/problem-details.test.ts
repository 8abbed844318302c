import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oddValues } from "../../test-support/hostile-values.js";
import { PROBE_ERROR_MAP, TooLowError } from "../../test-support/probe-service.js";
import { HelpSchema } from "../gen/google/rpc/error_details_pb.js";
import { httpStatusOf, problemDetails, Status, StatusError } from "../index.js";
import { clientStatus } from "../wire/call-status.js";
import { translateStatus } from "./translation.js";

describe("the HTTP status", () => {
  // https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
  it.each([
    ["CANCELLED", 499],
    ["UNKNOWN", 500],
    ["INVALID_ARGUMENT", 400],
    ["DEADLINE_EXCEEDED", 504],
    ["NOT_FOUND", 404],
    ["ALREADY_EXISTS", 409],
    ["PERMISSION_DENIED", 403],
    ["RESOURCE_EXHAUSTED", 429],
    ["FAILED_PRECONDITION", 400],
    ["ABORTED", 409],
    ["OUT_OF_RANGE", 400],
    ["UNIMPLEMENTED", 501],
    ["INTERNAL", 500],
    ["UNAVAILABLE", 503],
    ["DATA_LOSS", 500],
    ["UNAUTHENTICATED", 401],
  ] as const)("of %s is %i", (name, expected) => {
    expect(httpStatusOf(new StatusError(Status[name], "…"))).toBe(expected);
  });

  it("of whatever else is thrown is 500", () => {
    fc.assert(fc.property(fc.anything(), (thrown) => httpStatusOf(thrown) === 500));
    expect(oddValues().map(httpStatusOf)).toEqual(oddValues().map(() => 500));
  });
});

describe("problem details", () => {
  it("of a declared error have its code, message, metadata and page", () => {
    const help = anyPack(HelpSchema, create(HelpSchema, { links: [{ url: "https://example.com/too-low" }] }));
    const error = new TooLowError({ balance: "3" }, { details: [help], retryAfterMs: 1500 });
    expect(problemDetails(error, { instance: "/transfers/7" })).toEqual({
      type: "https://example.com/too-low",
      title: "Too low",
      status: httpStatusOf(error),
      detail: error.message,
      instance: "/transfers/7",
      code: "TOO_LOW",
      metadata: { balance: "3" },
      retryAfterMs: 1500,
    });
  });

  it("of what the contract doesn't declare say the status, and nothing that somebody wrote", () => {
    const details = "No connection established. Last error: connect ECONNREFUSED 10.0.0.3:50051";
    const error = translateStatus(clientStatus(Status.UNAVAILABLE, details), PROBE_ERROR_MAP);
    expect(problemDetails(error)).toEqual({
      type: "about:blank",
      title: "Unavailable",
      status: 503,
      code: "UNAVAILABLE",
    });
    expect(problemDetails(new StatusError(Status.NOT_FOUND, "SELECT * FROM"))).toEqual({
      type: "about:blank",
      title: "Not found",
      status: 404,
      code: "NOT_FOUND",
    });
  });

  it("of whatever else is thrown are an internal error's", () => {
    const internal = { type: "about:blank", title: "Internal", status: 500, code: "INTERNAL" };
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(problemDetails(thrown)).toEqual(internal);
      }),
    );
    for (const thrown of oddValues()) {
      expect(problemDetails(thrown)).toEqual(internal);
    }
  });
});
