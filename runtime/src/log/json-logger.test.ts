import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { CODE_POINT_TEXTS, UNFIT_FOR_A_LINE } from "../../test-support/code-points.js";
import { ProbeRequestSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { JsonLogger, LEVEL_NAMES } from "./json-logger.js";
import type { Logger } from "./logger.js";

function linesOf(log: (logger: Logger) => void): string {
  let text = "";
  log(new JsonLogger({ write: (line) => (text += line) }, "debug"));
  return text;
}

function pinoLinesOf(log: (logger: Logger) => void): string {
  let text = "";
  log(pino({ level: "debug" }, { write: (line) => (text += line) }));
  return text;
}

/** Without what differs from one moment to the next. */
const parsed = (line: string) => ({ ...JSON.parse(line), time: typeof JSON.parse(line).time });

const error = Object.assign(new RangeError("outer", { cause: new TypeError("inner") }), { code: "E1" });

it.each<[string, (logger: Logger) => void]>([
  [
    "plain fields",
    (logger) => logger.info({ a: 1, b: "text", c: true, d: null, e: undefined, f: () => {} }, "message"),
  ],
  ["each level", (logger) => logger.warn({}, "w")],
  ["numbers that JSON hasn't", (logger) => logger.info({ a: Number.NaN, b: Number.POSITIVE_INFINITY, c: 12n }, "")],
  ["nested fields", (logger) => logger.debug({ a: { b: [1, "x", null, undefined, { c: 2 }] }, d: new Date(0) }, "m")],
  ["quotes and lines", (logger) => logger.info({ 'k"e\ny': 'a "b" \\ \n\t\u0001' }, 'm"\n')],
  ["an error", (logger) => logger.error({ err: error }, "failed")],
  ["an error in place of fields", (logger) => logger.error(error, "failed")],
])("writes the line that pino writes: %s", (_what, log) => {
  expect(Object.entries(parsed(linesOf(log)))).toEqual(Object.entries(parsed(pinoLinesOf(log))));
});

it("writes what pino writes, whatever the fields are", () => {
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: "binary" }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  // pino looks into its own keys, and takes some fields for a request's or a response's.
  const key = fc
    .string({ unit: "binary" })
    .filter((name) => !/^(level|time|pid|hostname|msg|err|__proto__|toJSON)$/.test(name));
  fc.assert(
    fc.property(fc.dictionary(key, value), fc.string({ unit: "binary" }), (fields, message) => {
      const log = (logger: Logger): void => logger.info(fields, message);
      expect(parsed(linesOf(log))).toEqual(parsed(pinoLinesOf((logger) => logger.info(fields, message))));
      expect(linesOf(log).slice(0, -1)).not.toMatch(UNFIT_FOR_A_LINE);
    }),
    { numRuns: 200 },
  );
});

it("escapes what isn't fit for a line, so that a reader of the JSON has it back", () => {
  for (const text of CODE_POINT_TEXTS) {
    const line = linesOf((logger) => logger.info({ text, nested: [text] }, text));
    const { text: field, nested, msg } = JSON.parse(line);
    if (UNFIT_FOR_A_LINE.test(line.slice(0, -1)) || field !== text || nested[0] !== text || msg !== text) {
      expect({ line, field, nested, msg }).toBe("fit");
    }
  }
});

it.each(LEVEL_NAMES)("writes nothing below its level: %s", (level) => {
  const written: string[] = [];
  const logger = new JsonLogger({ write: (line) => written.push(JSON.parse(line).msg) }, level);
  const reference = pino({ level }, { write: () => {} });
  for (const name of ["debug", "info", "warn", "error"] as const) {
    logger[name]({}, name);
    expect(logger.isLevelEnabled(name)).toBe(reference.isLevelEnabled(name));
    expect(written.includes(name)).toBe(reference.isLevelEnabled(name));
  }
});

describe("fields that nobody expects", () => {
  const cycle: Record<string, unknown> = { a: 1 };
  cycle.self = cycle;
  const throwing = new Proxy(
    { a: 1 },
    {
      get() {
        throw new Error("get");
      },
      ownKeys() {
        throw new Error("ownKeys");
      },
    },
  );
  it.each<[string, unknown]>([
    ["a cycle", cycle],
    ["a proxy that throws", throwing],
    [
      "toJSON that throws",
      {
        toJSON: () => {
          throw new Error("toJSON");
        },
      },
    ],
    [
      "toJSON that gives itself",
      {
        toJSON() {
          return this;
        },
      },
    ],
    [
      "a getter that throws",
      {
        get a() {
          throw new Error("a");
        },
      },
    ],
    ["a huge list", Array.from({ length: 100_000 }, (_, i) => i)],
    ["a huge object", Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]))],
    ["a huge text", "x".repeat(10_000_000)],
    ["a huge text with quotes", '"'.repeat(10_000_000)],
    ["bytes", new Uint8Array(1_000_000)],
    ["a protobuf message", { nested: create(ProbeRequestSchema, { secret: "hush", id: "hush" }) }],
    ["an error", { nested: new Error("m", { cause: create(ProbeRequestSchema, { secret: "hush" }) }) }],
  ])("make a line: %s", (_what, value) => {
    const line = linesOf((logger) => logger.info({ before: 1, value, after: 2 }, "m"));
    expect(JSON.parse(line)).toMatchObject({ before: 1, after: 2, msg: "m" });
    expect(line.length).toBeLessThan(200_000);
    expect(line).not.toContain("hush");
  });
});
