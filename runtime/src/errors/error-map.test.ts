import { describe, expect, it } from "vitest";
import {
  PROBE_ERROR_MAP,
  ProbeOtherError,
  ProbeUnavailableError,
  SurpriseError,
  TooLowError,
} from "../../test-support/probe-service.js";
import { Status } from "../wire/status.js";
import { ContractError } from "./contract-error.js";
import { defineErrorMap, type ErrorMap, errorPair } from "./error-map.js";

class DriverError extends Error {}
class UniqueViolation extends DriverError {
  readonly column = "id";
}

describe("pairs", () => {
  const surprise = new SurpriseError();
  const tooLow = new TooLowError({ balance: "1" });

  it.each([
    ["derived first", [[UniqueViolation, () => tooLow] as const, [DriverError, () => surprise] as const]],
    ["derived last", [[DriverError, () => surprise] as const, [UniqueViolation, () => tooLow] as const]],
  ])("are tried by how derived their class is: %s", (_order, pairs) => {
    const errors = PROBE_ERROR_MAP.extend(pairs);
    expect(errors.convert(new UniqueViolation())).toEqual({ error: tooLow });
    expect(errors.convert(new DriverError())).toEqual({ error: surprise });
    const other = new Error("other");
    expect(errors.convert(other)).toEqual({ error: other });
  });

  it("know the type of their error", () => {
    const errors = PROBE_ERROR_MAP.extend([
      errorPair(UniqueViolation, (error) => new TooLowError({ balance: error.column })),
    ]);
    expect(errors.convert(new UniqueViolation())).toMatchObject({ error: { metadata: { balance: "id" } } });
  });

  it("may leave an error what it is", () => {
    const errors = PROBE_ERROR_MAP.extend([[DriverError, () => undefined]]);
    const error = new DriverError();
    expect(errors.convert(error)).toEqual({ error });
  });

  it("that were added last win over earlier ones for the same class", () => {
    const errors = PROBE_ERROR_MAP.extend([[DriverError, () => surprise]]).extend([[DriverError, () => tooLow]]);
    expect(errors.convert(new DriverError())).toEqual({ error: tooLow });
  });

  it("don't touch errors that are declared already, but do convert those of other servers", () => {
    const errors = PROBE_ERROR_MAP.extend([[Error, () => surprise]]);
    expect(errors.convert(tooLow)).toEqual({ error: tooLow });
    expect(errors.convert(new TooLowError({ balance: "1" }, { remote: true }))).toEqual({ error: surprise });
  });

  it("may be none, which changes nothing", () => {
    expect(PROBE_ERROR_MAP.extend(undefined)).toBe(PROBE_ERROR_MAP);
    expect(PROBE_ERROR_MAP.extend([])).toBe(PROBE_ERROR_MAP);
  });
});

describe("look-ups", () => {
  const importing = defineErrorMap({
    domain: "importing.example.com",
    errors: [{ exception: SurpriseError, status: Status.UNKNOWN, code: "SURPRISE", message: "Mine", metadata: [] }],
    categories: PROBE_ERROR_MAP.categories,
    imports: () => [PROBE_ERROR_MAP],
  });

  it("find the line of a class, or of the nearest class above it", () => {
    class VeryLowError extends TooLowError {}
    expect(PROBE_ERROR_MAP.entryOf(new TooLowError({ balance: "1" }))?.entry.code).toBe("TOO_LOW");
    expect(PROBE_ERROR_MAP.entryOf(new VeryLowError({ balance: "1" }))?.entry.code).toBe("TOO_LOW");
    const ofCategory = new ProbeOtherError({ code: "X", status: Status.UNKNOWN, message: "" });
    expect(PROBE_ERROR_MAP.entryOf(ofCategory)).toBeUndefined();
  });

  it("find lines of imported maps, with the map that they belong to", () => {
    expect(importing.entryOf(new TooLowError({ balance: "1" }))).toMatchObject({
      entry: { code: "TOO_LOW" },
      map: { domain: "probe.example.com" },
    });
    expect(importing.entryByCode("TOO_LOW")?.map.domain).toBe("probe.example.com");
    expect(importing.entryByCode("SURPRISE")?.map.domain).toBe("importing.example.com");
    expect(importing.entryByCode("SURPRISE", "probe.example.com")?.map.domain).toBe("probe.example.com");
    expect(importing.entryByCode("SURPRISE", "elsewhere")).toBeUndefined();
    expect(importing.entryByCode("NOPE")).toBeUndefined();
  });

  it("end where two maps import each other", () => {
    const { categories } = PROBE_ERROR_MAP;
    const one: ErrorMap = defineErrorMap({ domain: "one", errors: [], categories, imports: () => [other] });
    const other: ErrorMap = defineErrorMap({ domain: "other", errors: [], categories, imports: () => [one] });
    expect(one.entryByCode("NOPE")).toBeUndefined();
    expect(one.entryOf(new SurpriseError())).toBeUndefined();
  });

  it("have a category for each status", () => {
    for (const status of Object.values(Status)) {
      expect(PROBE_ERROR_MAP.categoryOf(status).prototype).toBeInstanceOf(ContractError);
    }
    expect(PROBE_ERROR_MAP.categoryOf(Status.DEADLINE_EXCEEDED)).toBe(ProbeUnavailableError);
  });
});

describe("maps that import each other", () => {
  it("are made in whatever order the modules load, and find each other's errors", () => {
    class OrderLostError extends ContractError {
      override readonly code = "ORDER_LOST";
      constructor() {
        super({ code: "ORDER_LOST", status: Status.DATA_LOSS, message: "Lost" });
      }
    }
    const { categories } = PROBE_ERROR_MAP;
    const first = defineErrorMap({ domain: "first", errors: [], categories, imports: () => [second] });
    const second = defineErrorMap({
      domain: "second",
      errors: [
        { exception: OrderLostError, status: Status.DATA_LOSS, code: "ORDER_LOST", message: "Lost", metadata: [] },
      ],
      categories,
      imports: () => [first],
    });
    expect(first.entryByCode("ORDER_LOST", "second")?.map).toBe(second);
    expect(first.entryOf(new OrderLostError())?.entry.code).toBe("ORDER_LOST");
    expect(first.entryByCode("ORDER_LOST", "first")).toBeUndefined();
    expect(first.entryByCode("NOBODY_KNOWS")).toBeUndefined();
  });
});
