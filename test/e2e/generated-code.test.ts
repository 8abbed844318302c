import { setTimeout as delay } from "node:timers/promises";
import { type CallContext, type HandlerInterceptor, Status } from "@accord-grpc/runtime";
import { MemoryLogger, startTestServer, type TestServer } from "@accord-grpc/runtime/testing";
import { InterceptingCall, type Interceptor, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RefusedCall } from "../../runtime/src/call/call-failure.js";
import { LEDGER_V1_SERVICE_CONFIG } from "../golden/ledger/gen/ledger/v1/channel.js";
import {
  AccountNotFoundError,
  LedgerCancelledError,
  LedgerError,
  LedgerUnavailableError,
  LedgerUnknownError,
} from "../golden/ledger/gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../golden/ledger/gen/ledger/v1/ledger_client.js";
import { bindLedgerService, type LedgerServiceServicer } from "../golden/ledger/gen/ledger/v1/ledger_servicer.js";

// Generated servicers and clients against each other, on real sockets: the code of the golden case `ledger`, run. Both with
// interceptors of grpc-js on both sides, and without any.

type Behaviour = (context: CallContext) => Promise<void>;

/** What the next call's handler does before it answers. */
let behaviour: Behaviour;
const answer: Behaviour = async () => {};
const never: Behaviour = (context) => new Promise((_, reject) => context.signal.addEventListener("abort", reject));

const servicer: LedgerServiceServicer = {
  async transfer() {
    return {};
  },
  async ping() {
    return {};
  },
  async getBalance(_, context) {
    await behaviour(context);
    return { amount: 42n };
  },
  async *listEntries(_, context) {
    yield { amount: 1n };
    await behaviour(context);
    yield { amount: 2n };
  },
  async importEntries(requests, context) {
    for await (const _ of requests) {
      await behaviour(context);
    }
    return {};
  },
  async *watch(requests, context) {
    for await (const _ of requests) {
      yield {};
      await behaviour(context);
    }
  },
};

const logger = new MemoryLogger("info");
/** How often each method was attempted, as the server saw it; with `refuse`, each attempt gets UNAVAILABLE. */
const attempts = new Map<string, number>();
let refuse = false;
const countAttempts: HandlerInterceptor = async (context, next) => {
  attempts.set(context.path, (attempts.get(context.path) ?? 0) + 1);
  if (refuse) {
    throw new RefusedCall(Status.UNAVAILABLE, "Not now");
  }
  await next();
};

const passing: Interceptor = (options, nextCall) => new InterceptingCall(nextCall(options));

let client: LedgerServiceClient;

/** Serves the tests of a block. */
function useWorld(path: "straight" | "through interceptors"): void {
  const intercepted = path === "through interceptors";
  let world: TestServer;
  beforeAll(async () => {
    world = await startTestServer([bindLedgerService(servicer)], {
      logger,
      // The contract thins out the lines of some.
      logPolicy: { payload: true, lines: "both", sampleOneIn: 1, level: "info" },
      handlerInterceptors: intercepted ? [countAttempts] : [],
      auth: async () => undefined,
      serviceConfig: LEDGER_V1_SERVICE_CONFIG,
    });
    client = new LedgerServiceClient(world.channel, { interceptors: intercepted ? [passing] : [] });
  });
  afterAll(() => world.close());
}

beforeEach(() => {
  behaviour = answer;
  refuse = false;
  logger.lines.length = 0;
  attempts.clear();
});

async function* requests(): AsyncGenerator<{ batch: string }> {
  yield { batch: "first" };
  yield { batch: "second" };
}

async function* watches(): AsyncGenerator<Record<string, never>> {
  yield {};
  yield {};
}

async function all<T>(responses: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const response of responses) {
    collected.push(response);
  }
  return collected;
}

const KINDS = [
  ["unary", "getBalance", (options: Options) => client.getBalance({}, options)],
  ["server streaming", "listEntries", (options: Options) => all(client.listEntries({}, options))],
  ["client streaming", "importEntries", (options: Options) => client.importEntries(requests(), options)],
  ["bidi streaming", "watch", (options: Options) => all(client.watch(watches(), options))],
] as const;
type Options = { readonly timeoutMs?: number; readonly signal?: AbortSignal };

const CASES = KINDS.flatMap(([kind, method, call]) =>
  (["straight", "through interceptors"] as const).map((path) => ({ kind, method, call, path })),
);

describe.each(CASES)("a $kind call, $path", ({ method, call, path }) => {
  useWorld(path);

  /** The two lines of the call, once the server has written them. */
  async function twoLines() {
    const response = () => logger.lines.find((line) => line.message === `${method}.response`);
    while (response() === undefined) {
      await delay(5);
    }
    const lines = logger.lines.filter((line) => line.message.startsWith(`${method}.`));
    expect(lines.map((line) => line.message)).toEqual([`${method}.request`, `${method}.response`]);
    return response();
  }

  async function failure(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      () => expect.unreachable("the call succeeded"),
      (error: unknown) => error,
    );
  }

  test("answers", async () => {
    await expect(call({ timeoutMs: 30_000 })).resolves.toBeDefined();
    expect(await twoLines()).toMatchObject({ level: "info", fields: { status: "OK" } });
  });

  test("raises a declared error, and the client throws the same class", async () => {
    behaviour = async () => {
      throw new AccountNotFoundError();
    };
    const error = await failure(call({ timeoutMs: 30_000 }));
    expect(error).toBeInstanceOf(AccountNotFoundError);
    expect(error).toBeInstanceOf(LedgerError);
    expect(error).toMatchObject({ code: "ACCOUNT_NOT_FOUND", status: status.NOT_FOUND, message: "No such account" });
    expect(await twoLines()).toMatchObject({
      level: "warn",
      fields: { status: "NOT_FOUND", code: "ACCOUNT_NOT_FOUND" },
    });
  });

  test("hides what the contract doesn't know", async () => {
    behaviour = async () => {
      throw Object.assign(new Error("password authentication failed for user postgres"), { code: 5 });
    };
    const error = await failure(call({ timeoutMs: 30_000 }));
    expect(error).toBeInstanceOf(LedgerUnknownError);
    expect(error).toMatchObject({ status: status.INTERNAL });
    expect(String(error)).not.toContain("postgres");
    const line = await twoLines();
    expect(line).toMatchObject({ level: "error", fields: { status: "INTERNAL" } });
    expect(String(error)).toContain(String(line?.fields.error_id));
    expect(line?.fields.err).toMatchObject({ message: "password authentication failed for user postgres" });
  });

  test("is cancelled on both sides", async () => {
    const controller = new AbortController();
    const stopped = new Promise<void>((resolve) => {
      behaviour = async (context) => {
        context.signal.addEventListener("abort", () => resolve());
        setImmediate(() => controller.abort(new Error("Nobody wants to know any more")));
        await never(context);
      };
    });
    const error = await failure(call({ timeoutMs: 30_000, signal: controller.signal }));
    expect(error).toBeInstanceOf(LedgerCancelledError);
    expect((error as Error).cause).toBe(controller.signal.reason);
    await stopped;
    expect(await twoLines()).toMatchObject({ level: "warn", fields: { status: "CANCELLED" } });
  });

  test("ends at its deadline on both sides", async () => {
    const stopped = new Promise<void>((resolve) => {
      behaviour = async (context) => {
        context.signal.addEventListener("abort", () => resolve());
        await never(context);
      };
    });
    const error = await failure(call({ timeoutMs: 200 }));
    expect(error).toBeInstanceOf(LedgerUnavailableError);
    expect(error).toMatchObject({ status: status.DEADLINE_EXCEEDED });
    await stopped;
    expect((await twoLines())?.fields.status).toMatch(/^(DEADLINE_EXCEEDED|CANCELLED)$/);
  });
});

describe("the service config", () => {
  useWorld("through interceptors");

  test.each([
    ["a unary method has exactly its attempts", 3, "GetBalance", KINDS[0][2]],
    ["a server stream has one", 1, "ListEntries", KINDS[1][2]],
    ["a client stream has one", 1, "ImportEntries", KINDS[2][2]],
    ["a bidi stream has one", 1, "Watch", KINDS[3][2]],
  ] as const)("%s: %i", async (_, expected, method, call) => {
    refuse = true;
    await expect(call({ timeoutMs: 30_000 })).rejects.toMatchObject({ status: status.UNAVAILABLE });
    expect(attempts.get(`/ledger.v1.LedgerService/${method}`)).toBe(expected);
  });

  test('`timeout: "500ms"` is half a second, and neither 5 ns nor half a millisecond', async () => {
    behaviour = async () => {
      await delay(20);
    };
    await expect(client.getBalance({})).resolves.toMatchObject({ amount: 42n });
    behaviour = never;
    await expect(client.getBalance({})).rejects.toMatchObject({ status: status.DEADLINE_EXCEEDED });
  });
});

describe("`.result`", () => {
  useWorld("through interceptors");

  test("resolves with a declared error, over which a switch is exhaustive", async () => {
    behaviour = async () => {
      throw new AccountNotFoundError();
    };
    const { ok, error } = await client.getBalance.result({}, { timeoutMs: 30_000 });
    expect(ok).toBe(false);
    if (error !== undefined) {
      // There is no default: one more declared error, and this no longer compiles.
      const told = ((): string => {
        switch (error.code) {
          case "ACCOUNT_NOT_FOUND":
            return error.message;
        }
      })();
      expect(told).toBe("No such account");
    }
  });

  test("rejects with what the contract doesn't declare", async () => {
    refuse = true;
    await expect(client.getBalance.result({}, { timeoutMs: 30_000 })).rejects.toBeInstanceOf(LedgerUnavailableError);
  });
});
