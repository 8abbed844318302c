import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { ProbeErrorDetailSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { PROBE_ERROR_MAP } from "../../test-support/probe-service.js";
import { BadRequestSchema, ErrorInfoSchema, HelpSchema } from "../gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { Status } from "../wire/status.js";
import { defineErrorMap, type ErrorMap } from "./error-map.js";
import {
  MAX_STATUS_BYTES,
  type PackableStatus,
  PUSHBACK_TRAILER,
  packDetails,
  packStatusDetails,
  STATUS_DETAILS_TRAILER,
  unpackPushback,
  unpackStatusDetails,
} from "./status-details.js";

const PACKABLE: PackableStatus = {
  status: Status.FAILED_PRECONDITION,
  message: "too low",
  code: "TOO_LOW",
  metadata: { balance: "3", currency: "EUR" },
  domain: "probe.example.com",
};

function trailersWith(encoded: Uint8Array): Metadata {
  const trailers = new Metadata();
  trailers.set(STATUS_DETAILS_TRAILER, Buffer.from(encoded));
  return trailers;
}

const roundTrip = (packable: PackableStatus) =>
  unpackStatusDetails(trailersWith(packStatusDetails(packable).bytes), PROBE_ERROR_MAP);

describe("packing", () => {
  it("is the standard's status with ErrorInfo", () => {
    const status = fromBinary(StatusSchema, packStatusDetails(PACKABLE).bytes);
    expect(status).toMatchObject({ code: 9, message: "too low" });
    expect(status.details.map(({ typeUrl }) => typeUrl)).toEqual(["type.googleapis.com/google.rpc.ErrorInfo"]);
    expect(status.details[0] && anyUnpack(status.details[0], ErrorInfoSchema)).toMatchObject({
      reason: "TOO_LOW",
      domain: "probe.example.com",
      metadata: { balance: "3", currency: "EUR" },
    });
  });

  it("has the domain's own detail beside it", () => {
    const status = fromBinary(StatusSchema, packStatusDetails({ ...PACKABLE, detail: ProbeErrorDetailSchema }).bytes);
    expect(status.details[0] && anyUnpack(status.details[0], ProbeErrorDetailSchema)).toMatchObject({
      code: "TOO_LOW",
      message: "too low",
      metadata: { balance: "3", currency: "EUR" },
    });
    expect(status.details).toHaveLength(2);
  });

  it("stays below the limit, and never loses the code", () => {
    for (const metadata of [
      { one: "x".repeat(100_000) },
      { one: "💰".repeat(10_000), two: "ü".repeat(10_000), three: "short" },
      Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key-${index}`, "value"])),
    ]) {
      for (const detail of [undefined, ProbeErrorDetailSchema]) {
        const encoded = packStatusDetails({ ...PACKABLE, metadata, detail, message: "m".repeat(100_000) }).bytes;
        expect(encoded.byteLength).toBeLessThanOrEqual(MAX_STATUS_BYTES);
        expect(unpackStatusDetails(trailersWith(encoded), PROBE_ERROR_MAP)?.code).toBe("TOO_LOW");
      }
    }
  });

  it("cuts the longest values first, evenly", () => {
    const details = roundTrip({ ...PACKABLE, metadata: { a: "x".repeat(5000), b: "y".repeat(5000), c: "short" } });
    expect(details?.metadata.c).toBe("short");
    expect(details?.metadata.a).toMatch(/^x{1900,}…$/);
    expect(details?.metadata.a?.length).toBe(details?.metadata.b?.length);
  });

  describe("with details of the thrower's", () => {
    const sized = (name: string, bytes: number): Any =>
      create(AnySchema, { typeUrl: `type.googleapis.com/probe.v1.${name}`, value: new Uint8Array(bytes).fill(7) });
    const namesIn = (bytes: Uint8Array) =>
      fromBinary(StatusSchema, new Uint8Array(bytes)).details.map(({ typeUrl }) =>
        typeUrl.slice(typeUrl.lastIndexOf(".") + 1),
      );
    const violations = anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: [{ field: "id" }] }));

    it("carries them behind its own, in their order", () => {
      const { bytes, dropped } = packStatusDetails({
        ...PACKABLE,
        details: [sized("B", 0), violations, sized("A", 3)],
      });
      expect(namesIn(bytes)).toEqual(["ErrorInfo", "B", "BadRequest", "A"]);
      expect(fromBinary(StatusSchema, new Uint8Array(bytes)).details[2]).toEqual(violations);
      expect(dropped).toEqual([]);
    });

    it("says once what the contract says", () => {
      const help = anyPack(HelpSchema, create(HelpSchema, { links: [{ url: "https://example.com/theirs" }] }));
      const received = packStatusDetails({ ...PACKABLE, detail: ProbeErrorDetailSchema, retryAfterMs: 5 }).bytes;
      const details = [...fromBinary(StatusSchema, received).details, help];
      const { bytes } = packStatusDetails({
        ...PACKABLE,
        details,
        detail: ProbeErrorDetailSchema,
        retryAfterMs: 7,
        docUrl: "https://example.com/ours",
      });
      expect(namesIn(bytes)).toEqual(["ProbeErrorDetail", "ErrorInfo", "RetryInfo", "Help"]);
      expect(unpackStatusDetails(trailersWith(bytes), PROBE_ERROR_MAP)).toMatchObject({
        retryAfterMs: 7,
        docUrl: "https://example.com/theirs",
      });
    });

    it("leaves those out that have no room, and what the contract says in", () => {
      for (const bytes of [0, 1, 100, 1000, 2000, 3000, 3800, 3900, 4000, 4080, 4096, 5000, 1_000_000]) {
        for (const metadata of [{}, { one: "x".repeat(2000) }, { one: "x".repeat(100_000) }]) {
          const details = [sized("Big", bytes), sized("Small", 20)];
          const packed = packStatusDetails({ ...PACKABLE, metadata, details });
          const without = packStatusDetails({ ...PACKABLE, metadata }).bytes;
          expect(packed.bytes.byteLength).toBeLessThanOrEqual(MAX_STATUS_BYTES);
          expect(packed.bytes.subarray(0, without.byteLength)).toEqual(without);
          const kept = details.filter((detail) => !packed.dropped.includes(detail));
          expect(fromBinary(StatusSchema, new Uint8Array(packed.bytes)).details.slice(1)).toEqual(kept);
          // A detail is left out only if it has no room behind those before it.
          let room = MAX_STATUS_BYTES - without.byteLength;
          for (const detail of details) {
            const size = toBinary(StatusSchema, create(StatusSchema, { details: [detail] })).byteLength;
            expect(kept.includes(detail)).toBe(size <= room);
            room -= kept.includes(detail) ? size : 0;
          }
        }
      }
    });

    it("is as good with a status that has nothing but them", () => {
      const plain = { status: Status.NOT_FOUND, message: "m".repeat(100_000) };
      const { bytes, dropped } = packDetails({ ...plain, details: [violations, sized("Big", 4000)] });
      expect(bytes.byteLength).toBeLessThanOrEqual(MAX_STATUS_BYTES);
      expect(fromBinary(StatusSchema, new Uint8Array(bytes))).toMatchObject({
        code: 5,
        message: expect.stringMatching(/^m{1000,}…$/),
      });
      expect(namesIn(bytes)).toEqual(["BadRequest"]);
      expect(dropped).toHaveLength(1);
    });
  });

  it("takes values that aren't strings", () => {
    expect(roundTrip({ ...PACKABLE, metadata: { count: 5n as unknown as string } })?.metadata).toEqual({ count: "5" });
  });
});

describe("unpacking", () => {
  it("gives back what was packed", () => {
    expect(roundTrip({ ...PACKABLE, retryAfterMs: 1500, docUrl: "https://example.com" })).toMatchObject({
      message: "too low",
      code: "TOO_LOW",
      domain: "probe.example.com",
      metadata: { balance: "3", currency: "EUR" },
      retryAfterMs: 1500,
      docUrl: "https://example.com",
      details: ["ErrorInfo", "RetryInfo", "Help"].map((name) => ({
        typeUrl: `type.googleapis.com/google.rpc.${name}`,
      })),
    });
  });

  it("prefers the domain's own detail to ErrorInfo", () => {
    const details = [
      anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "INFO", domain: "info", metadata: { from: "info" } })),
      anyPack(ProbeErrorDetailSchema, create(ProbeErrorDetailSchema, { code: "OWN", metadata: { from: "own" } })),
    ];
    const trailers = trailersWith(toBinary(StatusSchema, create(StatusSchema, { details })));
    expect(unpackStatusDetails(trailers, PROBE_ERROR_MAP)).toMatchObject({ code: "OWN", metadata: { from: "own" } });
    const foreign = defineErrorMap({ domain: "other", errors: [], categories: PROBE_ERROR_MAP.categories });
    expect(unpackStatusDetails(trailers, foreign)).toMatchObject({ code: "INFO", metadata: { from: "info" } });
    const importing: ErrorMap = defineErrorMap({
      domain: "other",
      errors: [],
      categories: PROBE_ERROR_MAP.categories,
      // Itself too: that is what a map sees whose package imports one that imports it.
      imports: () => [importing, PROBE_ERROR_MAP],
    });
    expect(unpackStatusDetails(trailers, importing)).toMatchObject({ code: "OWN" });
  });

  it("loses only what can't be decoded", () => {
    const info = anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "INFO" }));
    const own = anyPack(ProbeErrorDetailSchema, create(ProbeErrorDetailSchema, { code: "OWN" }));
    own.value = Uint8Array.of(0x0a, 0xff);
    const trailers = trailersWith(toBinary(StatusSchema, create(StatusSchema, { message: "m", details: [own, info] })));
    expect(unpackStatusDetails(trailers, PROBE_ERROR_MAP)).toMatchObject({ message: "m", code: "INFO" });
  });

  it("is nothing where there is nothing to read", () => {
    expect(unpackStatusDetails(new Metadata(), PROBE_ERROR_MAP)).toBeUndefined();
    expect(unpackStatusDetails(trailersWith(Uint8Array.of(0xff, 0xff)), PROBE_ERROR_MAP)).toBeUndefined();
    expect(unpackStatusDetails(trailersWith(new Uint8Array()), PROBE_ERROR_MAP)).toMatchObject({ code: undefined });
  });
});

it.each([
  ["150", 150],
  ["0", 0],
  ["-1", -1],
  ["abc", -1],
  ["1.5", -1],
  ["", -1],
  ["99999999999", -1],
])("reads the pushback %j as %d", (text, expected) => {
  const trailers = new Metadata();
  trailers.set(PUSHBACK_TRAILER, text);
  expect(unpackPushback(trailers)).toBe(expected);
});

it("reads no pushback where there is none", () => {
  expect(unpackPushback(new Metadata())).toBeUndefined();
});
