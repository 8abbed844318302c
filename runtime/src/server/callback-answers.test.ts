import { setImmediate } from "node:timers/promises";
import { type CallCredentials, status as GrpcStatus, Metadata } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyValue, oddPromises, oddValues } from "../../test-support/hostile-values.js";
import { probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, PROBE_ERROR_MAP, TooLowError } from "../../test-support/probe-service.js";
import { bearerToken } from "../client/bearer-token.js";
import { type ErrorPair, mostDerivedFirst } from "../errors/error-map.js";
import type { Logger } from "../log/logger.js";
import { MemoryLogger, startTestServer, type TestServer, type TestServerOptions } from "../testing/index.js";
import { createServer } from "./server.js";

// Whatever the user's callbacks answer with, or throw: each call ends once, in a way that is known, and nothing is left that
// could end the process. vitest fails a file in which a rejection goes unhandled.

let server: TestServer;
let logger: MemoryLogger;
const close: (() => unknown)[] = [];

beforeEach(() => {
  logger = new MemoryLogger();
});

afterEach(async () => {
  for (const each of close.splice(0)) {
    await each();
  }
});

async function serve(
  options: TestServerOptions = {},
  body: () => object = () => ({ id: "served" }),
  errors?: ErrorPair[],
) {
  const binding = errors && { errors: PROBE_ERROR_MAP.extend(errors) };
  server = await startTestServer([bindProbe(servicerOf(body), binding)], { logger, ...options });
  close.push(server.close);
}

/** Tries a callback's answers one by one: the odd ones, promises, and any that fast-check makes. */
async function withEach(numRuns: number, check: (value: unknown) => Promise<void>): Promise<void> {
  for (const value of [...oddValues(), ...oddPromises()]) {
    await check(value);
  }
  await fc.assert(fc.asyncProperty(anyValue, check), { numRuns });
}

const errorOf = (call: Promise<unknown>): Promise<{ status: number; message: string }> =>
  call.then(
    () => ({ status: GrpcStatus.OK, message: "" }),
    (error: { status: number; message: string }) => error,
  );

const INTERNAL = {
  status: GrpcStatus.INTERNAL,
  message: expect.stringMatching(/^Internal error \(error id \w{12}\)$/),
};

describe("error pairs", () => {
  class DriverError extends Error {}

  it.each(KINDS)(
    "an answer that is no error ends the call as INTERNAL, and keeps what was thrown: %s",
    async (kind) => {
      let answer: unknown;
      const thrown = new DriverError("of the driver");
      await serve({}, () => Promise.reject(thrown), [[DriverError, () => answer]]);
      const client = probeClient(server.channel);
      await withEach(8, async (value) => {
        answer = value;
        expect(await errorOf(callOnce(client, kind))).toMatchObject(INTERNAL);
      });
      answer = new TooLowError({ balance: "1" });
      expect(await errorOf(callOnce(client, kind))).toMatchObject({ status: GrpcStatus.FAILED_PRECONDITION });
      answer = 7;
      logger.lines.splice(0);
      await errorOf(callOnce(client, kind));
      const line = () => logger.lines.find(({ message }) => message === `${kind}.response`);
      while (line() === undefined) {
        await setImmediate();
      }
      expect(line()?.fields.err).toMatchObject({
        cause: expect.objectContaining({ name: "TypeError" }),
        errors: [expect.objectContaining({ message: thrown.message })],
      });
    },
  );

  it("a list of them has nothing else in it", () => {
    for (const value of oddValues()) {
      const lists = typeof value === "function" ? [[value]] : [[value], [[value, () => {}]], [[Error, value]]];
      for (const pairs of lists as unknown as ErrorPair[][]) {
        expect(() => mostDerivedFirst(pairs)).toThrow(TypeError);
      }
    }
  });
});

describe("handler interceptors", () => {
  it.each(KINDS)("without next() no call ends well, whatever they answer: %s", async (kind) => {
    let answer: unknown;
    await serve({ handlerInterceptors: [() => answer as Promise<void>] });
    const client = probeClient(server.channel);
    await withEach(8, async (value) => {
      answer = value;
      expect(await errorOf(callOnce(client, kind))).toMatchObject({ status: GrpcStatus.INTERNAL });
    });
  });

  it.each(KINDS)("what they answer behind next() changes nothing: %s", async (kind) => {
    let answer: unknown;
    await serve({
      handlerInterceptors: [
        async (_context, next) => {
          await next();
          return answer as undefined;
        },
      ],
    });
    const client = probeClient(server.channel);
    for (const value of oddValues()) {
      answer = value;
      const { status } = await errorOf(callOnce(client, kind));
      expect(status).toBe(looksHostile(value) ? GrpcStatus.INTERNAL : GrpcStatus.OK);
    }
  });
});

describe("interceptors of grpc-js", () => {
  it.each(KINDS)("what a client's answer with is a call, or the call fails: %s", async (kind) => {
    let answer: unknown;
    await serve();
    const client = probeClient(server.channel, { interceptors: [() => answer as never] });
    await withEach(8, async (value) => {
      answer = value;
      await expect(callOnce(client, kind)).rejects.toBeInstanceOf(Error);
    });
  });
});

describe("metadata hooks", () => {
  it.each(KINDS)("a promise fails the call, and any other answer is none: %s", async (kind) => {
    let answer: unknown;
    await serve();
    const hook = (metadata: Metadata) => {
      metadata.set("tenant", "acme");
      return answer as undefined;
    };
    const client = probeClient(server.channel, { metadataHooks: [hook] });
    await withEach(8, async (value) => {
      answer = value;
      await errorOf(callOnce(client, kind));
    });
    answer = 7;
    expect((await callOnce(client, kind)).id).toBe("served");
    for (const promise of [Promise.resolve(), Promise.reject(new Error("late")), (async () => {})()]) {
      answer = promise;
      await expect(callOnce(client, kind)).rejects.toThrow("A metadata hook returned a promise");
    }
  });
});

describe("token providers", () => {
  const sent = (of: CallCredentials) => of.generateMetadata({ method_name: "Unary", service_url: "https://test" });
  const refused = { code: GrpcStatus.UNAVAILABLE, message: expect.stringMatching(/^no bearer token: /) };

  it("give a token or fail the call, whatever they answer", async () => {
    await withEach(60, async (value) => {
      if (typeof value === "string" && /^[\w.~+/-]+=*$/.test(value)) {
        return;
      }
      await expect(sent(bearerToken(() => value as string))).rejects.toMatchObject(refused);
      await expect(sent(bearerToken(async () => ({ token: value as string })))).rejects.toMatchObject(refused);
    });
  });

  it("give an end that is a time: any other would never come", async () => {
    for (const value of [...oddValues(), 1_700_000_000, "2030-01-01", { getTime: () => Number.NaN }]) {
      if (value !== undefined && value !== null) {
        await expect(sent(bearerToken(() => ({ token: "t", expiresAt: value as Date })))).rejects.toMatchObject(
          refused,
        );
      }
    }
    await expect(sent(bearerToken(() => ({ token: "t", expiresAt: new Date(8e15) })))).resolves.toBeInstanceOf(
      Metadata,
    );
  });

  it("throw whatever they like", async () => {
    for (const value of oddValues()) {
      const thrower = bearerToken(() => {
        throw value;
      });
      await expect(sent(thrower)).rejects.toMatchObject(refused);
    }
  });

  it("are functions, or the token", () => {
    for (const value of oddValues()) {
      if (typeof value !== "function" && value !== "ada") {
        expect(() => bearerToken(value as string)).toThrow(TypeError);
      }
    }
  });
});

describe("health", () => {
  it("is set to true or false", async () => {
    await serve();
    const { health } = server.server;
    health.set("probe.v1.ProbeService", false);
    await withEach(60, async (value) => {
      if (typeof value !== "boolean") {
        expect(() => health.set("probe.v1.ProbeService", value as boolean)).toThrow(TypeError);
        expect(() => health.set("", value as boolean)).toThrow(TypeError);
      }
    });
    expect([health.get("probe.v1.ProbeService"), health.get("")]).toEqual([false, false]);
  });
});

describe("loggers", () => {
  it.each(KINDS)("may answer with anything, throw and reject: %s", async (kind) => {
    let answer: () => unknown = () => undefined;
    const method = () => answer() as undefined;
    const odd: Logger = {
      debug: method,
      info: method,
      warn: method,
      error: method,
      isLevelEnabled: method as unknown as () => true,
    };
    await serve({ logger: odd });
    const client = probeClient(server.channel);
    for (const value of oddValues()) {
      answer = () => value;
      expect((await callOnce(client, kind)).id).toBe("served");
      answer = () => {
        throw value;
      };
      expect((await callOnce(client, kind)).id).toBe("served");
      answer = () => Promise.reject(value);
      expect((await callOnce(client, kind)).id).toBe("served");
    }
  });

  it("have four methods", () => {
    for (const value of oddValues()) {
      if (value !== undefined && value !== null) {
        expect(() => createServer([], { logger: value as Logger })).toThrow();
      }
    }
    const { error: _, ...partial } = logger;
    expect(() => createServer([], { logger: partial as unknown as Logger })).toThrow(
      "Can't make the server: logger must be a logger, with the methods debug, info, warn and error; it is ",
    );
  });
});

it.each(["auth", "authTimeoutMs", "reflection", "handlerInterceptors"])(
  "the option %s is what its type says, or there is no server",
  (name) => {
    for (const value of oddValues()) {
      const fine =
        value === undefined ||
        (name === "auth" && typeof value === "function") ||
        (name === "authTimeoutMs" && value === 1) ||
        (name === "reflection" && typeof value === "boolean") ||
        (name === "handlerInterceptors" && typeof value === "object" && isEmptyList(value));
      const make = () => createServer([], { [name]: value });
      if (fine) {
        expect(make).not.toThrow();
      } else {
        expect(make).toThrow();
      }
    }
  },
);

function isEmptyList(value: unknown): boolean {
  return !looksHostile(value) && Array.isArray(value) && value.length === 0;
}

/** Whether `await` throws on a value. */
function looksHostile(value: unknown): boolean {
  try {
    void (value as { readonly then?: unknown } | undefined | null)?.then;
    return false;
  } catch {
    return true;
  }
}
