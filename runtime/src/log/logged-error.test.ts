import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { CODE_POINT_TEXTS, UNFIT_FOR_A_LINE } from "../../test-support/code-points.js";
import { NestedSchema, ProbeRequestSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { LoggedError, loggedError } from "./logged-error.js";
import { messageShower } from "./shown-message.js";

const SECRET = "hush-hush";
const request = create(ProbeRequestSchema, { id: "r-1", secret: SECRET, nested: { name: SECRET } });
const show = messageShower([ProbeService.file], new Set(["probe.v1.Nested.name"]));
const SHOWN = 'probe.v1.ProbeRequest { id: "r-1" secret: [REDACTED] nested { name: [REDACTED] } }';

/** The line that pino makes of it. */
function pinoLine(err: LoggedError): string {
  let line = "";
  pino({ base: null }, { write: (text) => (line += text) }).error({ err }, "failed");
  return line;
}

it("has an error's name, message, stack, code and causes", () => {
  class DriverError extends Error {
    readonly code = "23505";
    readonly detail = SECRET;
  }
  const cause = new TypeError("inner", { cause: "a text" });
  const error = new DriverError("outer", { cause });
  const logged = loggedError(error);
  expect(logged).toBeInstanceOf(Error);
  expect({ ...logged }).toEqual({
    name: "DriverError",
    message: "outer",
    code: "23505",
    stack: error.stack,
    cause: expect.objectContaining({
      name: "TypeError",
      message: "inner",
      stack: cause.stack,
      cause: expect.objectContaining({ message: "Not an Error: a text" }),
    }),
  });
});

it("is for pino what the error was", () => {
  const error = new RangeError("outer", { cause: new TypeError("inner") });
  const { type, message, stack } = JSON.parse(pinoLine(loggedError(error))).err;
  const { err: raw } = JSON.parse(pinoLine(error as LoggedError));
  expect({ type, message, stack }).toEqual({ type: raw.type, message: raw.message, stack: raw.stack });
});

it("has what an AggregateError tells of", () => {
  const logged = loggedError(new AggregateError([new Error("one"), "two", request], "all"), show);
  expect(logged.errors?.map(({ message }) => message)).toEqual(["one", "Not an Error: two", `Not an Error: ${SHOWN}`]);
  expect(JSON.parse(pinoLine(logged)).err.aggregateErrors).toMatchObject([{ message: "one" }, {}, {}]);
});

describe("a protobuf message", () => {
  it.each<[string, unknown, string]>([
    ["thrown", request, `Something that isn't an Error was thrown: ${SHOWN}`],
    ["as a cause", new Error("outer", { cause: request }), `Not an Error: ${SHOWN}`],
    ["as the cause of a cause", new Error("outer", { cause: new Error("inner", { cause: request }) }), SHOWN],
    ["in an AggregateError", new AggregateError([request], "all"), `Not an Error: ${SHOWN}`],
    ["attached", Object.assign(new Error("outer"), { request }), "outer"],
    ["attached in a list", Object.assign(new Error("outer"), { requests: [request] }), "outer"],
    ["attached to a cause", new Error("outer", { cause: Object.assign(new Error("inner"), { request }) }), "inner"],
    ["thrown within an object", { request }, "Something that isn't an Error was thrown: an object of the class Object"],
    ["thrown in a list", [request], "Something that isn't an Error was thrown: an object of the class Array"],
    ["as an error's message", Object.assign(new Error(), { message: request }), "Error"],
    ["as an error's code", Object.assign(new Error("outer"), { code: request }), "outer"],
  ])("is redacted or left out: %s", (where, thrown, expected) => {
    for (const line of [pinoLine(loggedError(thrown, show)), JSON.stringify(loggedError(thrown, show))]) {
      // Only those who know AggregateErrors look into them.
      if (where !== "in an AggregateError" || line.includes("aggregateErrors")) {
        expect(line).toContain(expected.replaceAll('"', '\\"'));
      }
      expect(line).not.toContain(SECRET);
    }
  });

  it("shows only its type where nothing is known of it", () => {
    const text = "Something that isn't an Error was thrown: a message of the type probe.v1.ProbeRequest";
    expect(loggedError(request).message).toBe(text);
    const other = { $typeName: "other.v1.Unknown", secret: SECRET };
    expect(loggedError(other, show).message).toContain("a message of the type other.v1.Unknown");
    const fake = { $typeName: "probe.v1.Nested", children: 5 };
    expect(loggedError(fake, show).message).toMatch(/a message of the type probe.v1.Nested$/);
  });

  it("needn't be made by `create`", () => {
    const plain = { $typeName: NestedSchema.typeName, name: SECRET, password: SECRET, children: [] };
    expect(loggedError(plain, show).message).toMatch(
      /probe.v1.Nested \{ name: \[REDACTED\] password: \[REDACTED\] \}$/,
    );
  });
});

describe("the limits", () => {
  it("cut an error's texts", () => {
    const error = Object.assign(new Error("x".repeat(300_000), { cause: new Error("y".repeat(300_000)) }), {
      name: "n".repeat(300_000),
      code: "c".repeat(300_000),
    });
    const logged = loggedError(error);
    expect(logged.message).toMatch(/^x{1000,1024}…$/);
    expect(logged.name.length).toBeLessThanOrEqual(128);
    expect(String(logged.code).length).toBeLessThanOrEqual(128);
    expect(logged.stack.length).toBeLessThan(6000);
    expect(logged.stack).toMatch(/x…\n {4}at /);
    expect(pinoLine(logged).length).toBeLessThan(20_000);
  });

  it("cut a stack that somebody has made", () => {
    const error = Object.assign(new Error("m"), { stack: `Error: m\n${"    at somewhere\n".repeat(100_000)}` });
    expect(loggedError(error).stack.length).toBeLessThan(5000);
  });

  it("count the causes, and break cycles", () => {
    const cycle = new Error("a");
    cycle.cause = new Error("b", { cause: cycle });
    expect(loggedError(cycle).cause?.cause).toBeUndefined();
    let chain = new Error("0");
    for (let i = 1; i < 1000; i += 1) {
      chain = new AggregateError([chain, new Error("x")], `${i}`, { cause: chain });
    }
    expect(pinoLine(loggedError(chain)).length).toBeLessThan(60_000);
    const all = new AggregateError(Array.from({ length: 1000 }, (_, i) => new Error(`${i}`)));
    expect(loggedError(all).errors).toHaveLength(7);
  });
});

describe("whatever is thrown", () => {
  it("stays within its lines, over all code points", () => {
    const wrong = CODE_POINT_TEXTS.filter((all) => UNFIT_FOR_A_LINE.test(all)).filter((text) => {
      const named = Object.assign(new Error(text), { name: text, code: text });
      const changed = Object.assign(new Error(text), { message: "another" });
      const { name, message, code, stack } = loggedError(named);
      const texts = [name, message, String(code), loggedError(text).message, ...stack.split("\n")];
      return [...texts, ...loggedError(changed).stack.split("\n")].some((shown) => UNFIT_FOR_A_LINE.test(shown));
    });
    expect(wrong).toEqual([]);
  });

  it("begins no lines of its own in the stack", () => {
    const forged = 'bad\n{"level":30,"msg":"forged"}\n    at forged (evil.js:1:1)\nforged: 1';
    const lines = loggedError(new Error(forged)).stack.split("\n");
    expect(lines[0]).toBe(
      'Error: bad\\u000a{"level":30,"msg":"forged"}\\u000a    at forged (evil.js:1:1)\\u000aforged: 1',
    );
    expect(
      lines.slice(1).every((line) => /^ {4}at .*logged-error\.test|^ {4}at .*node_modules|^ {4}at /.test(line)),
    ).toBe(true);
    expect(lines.slice(1).join()).not.toContain("forged");
  });

  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const throwing = (target: object) =>
    new Proxy(target, {
      get() {
        throw new Error("get");
      },
      getPrototypeOf() {
        throw new Error("getPrototypeOf");
      },
      has() {
        throw new Error("has");
      },
      ownKeys() {
        throw new Error("ownKeys");
      },
    });

  it.each<[string, () => unknown]>([
    ["undefined", () => undefined],
    ["null", () => null],
    ["a symbol", () => Symbol("s")],
    ["a bigint", () => 1n],
    ["a function", () => () => {}],
    ["no prototype", () => Object.create(null)],
    ["a revoked proxy", revoked],
    ["a proxy that throws", () => throwing({})],
    ["an error behind a proxy that throws", () => throwing(new Error("hidden"))],
    [
      "an error with getters that throw",
      () =>
        Object.create(Error.prototype, {
          message: {
            get: () => {
              throw new Error("message");
            },
          },
          stack: {
            get: () => {
              throw new Error("stack");
            },
          },
          cause: {
            get: () => {
              throw new Error("cause");
            },
          },
          code: {
            get: () => {
              throw new Error("code");
            },
          },
        }),
    ],
    ["an error whose cause is a revoked proxy", () => new Error("m", { cause: revoked() })],
    ["an AggregateError of proxies", () => new AggregateError([revoked(), throwing({})])],
    [
      "an error whose toJSON throws",
      () =>
        Object.assign(new Error("m"), {
          toJSON: () => {
            throw new Error("toJSON");
          },
        }),
    ],
    ["a type name that isn't one", () => ({ $typeName: "\u2028" })],
    ["a text that is huge", () => "x".repeat(10_000_000)],
  ])("makes a line: %s", (_what, make) => {
    const logged = loggedError(make(), show);
    expect(logged).toBeInstanceOf(LoggedError);
    expect(JSON.parse(pinoLine(logged))).toMatchObject({ err: { message: expect.any(String) } });
    expect(pinoLine(logged).length).toBeLessThan(10_000);
  });

  it("makes a line of at most 60 kB", () => {
    const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, withDate: true });
    const thrown = fc.letrec<{ error: unknown; value: unknown }>((tie) => ({
      error: fc
        .record({
          message: fc.string({ unit: "binary" }),
          cause: tie("value"),
          errors: fc.array(tie("value")),
          more: anything,
        })
        .map(({ message, cause, errors, more }) =>
          Object.assign(new AggregateError(errors, message, { cause }), { more, code: more, request }),
        ),
      value: fc.oneof({ maxDepth: 5 }, anything, fc.constant(request), tie("error")),
    })).value;
    fc.assert(
      fc.property(thrown, (value) => {
        const line = pinoLine(loggedError(value, show));
        return (
          line.length < 60_000 && !line.includes(SECRET) && !UNFIT_FOR_A_LINE.test(line.trimEnd().replaceAll("\\n", ""))
        );
      }),
      { numRuns: 60 },
    );
  });
});
