import { createServer, type GrpcServer } from "@accord-grpc/runtime";
import { RetryInfoSchema } from "@accord-grpc/runtime/google-rpc";
import { MemoryLogger } from "@accord-grpc/runtime/testing";
import { translateConnectError } from "@accord-grpc/runtime/web/v1";
import { Code, ConnectError, createClient, createRouterTransport, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import * as served from "../golden/ledger/gen/ledger/v1/errors.js";
import { bindLedgerService, type LedgerServiceServicer } from "../golden/ledger/gen/ledger/v1/ledger_servicer.js";
import {
  AccountNotFoundError,
  type DuplicateRequestError,
  InsufficientFundsError,
  LEDGER_ERROR_MAP,
  LedgerError,
  LedgerUnavailableError,
} from "../golden/web/gen/ledger/v1/errors.js";
import { LedgerService } from "../golden/web/gen/ledger/v1/ledger_pb.js";
import { LedgerServiceClient, type LedgerServiceTransferError } from "../golden/web/gen/ledger/v1/ledger_web.js";

// Generated clients for browsers, over connect's transports, against a generated server. The server's classes are others: as in a
// browser, only bytes connect the two.

const servers: GrpcServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.drain()));
});

/** What the contract asks for. */
const SCOPES = ["transfer:write", "transfer:read"];

const PROTOCOLS = { Connect: createConnectTransport, "gRPC-Web": createGrpcWebTransport };

async function clientOf(
  servicer: Partial<LedgerServiceServicer>,
  make = createConnectTransport,
): Promise<LedgerServiceClient> {
  const missing = (): never => {
    throw new Error("the test gave no handler for this method");
  };
  const whole = new Proxy(servicer, { get: (target, name) => Reflect.get(target, name) ?? missing });
  const bound = bindLedgerService(whole as LedgerServiceServicer);
  const server = createServer([bound], {
    logger: new MemoryLogger(),
    handleSignals: false,
    http: {},
    drainMs: 500,
    auth: () => ({ subject: "a page", scopes: SCOPES }),
  });
  servers.push(server);
  const { port } = await server.start("127.0.0.1:0");
  return new LedgerServiceClient(make({ baseUrl: `http://127.0.0.1:${port}`, httpVersion: "1.1" }) as Transport);
}

describe.each(Object.entries(PROTOCOLS))("over %s", (_name, make) => {
  it("a declared error arrives as its class, with its typed metadata", async () => {
    const client = await clientOf(
      {
        transfer: () => {
          throw new served.InsufficientFundsError({ balance: "3", amount: "5" });
        },
      },
      make,
    );
    const result = await client.transfer.result({});
    expect(result).toMatchObject({ ok: false });
    expect(result.error).toBeInstanceOf(InsufficientFundsError);
    expectTypeOf(result.error).toEqualTypeOf<LedgerServiceTransferError | undefined>();
    if (result.error?.code === "INSUFFICIENT_FUNDS") {
      expectTypeOf(result.error.metadata.balance).toEqualTypeOf<string>();
      expect(result.error.metadata).toEqual({ balance: "3", amount: "5" });
    }
    await expect(client.transfer({})).rejects.toMatchObject({
      code: "INSUFFICIENT_FUNDS",
      message: "Balance 3 is below 5",
    });
  });

  it("anything else is one of the package's hierarchy", async () => {
    const client = await clientOf({}, make);
    const error = await client.transfer({}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LedgerError);
    expect(error).toMatchObject({ code: "INTERNAL" });
  });

  it("a stream's responses come one by one, and leaving the loop cancels the call", async () => {
    let signal: AbortSignal | undefined;
    const client = await clientOf(
      {
        async *listEntries(_request, context) {
          signal = context.signal;
          for (;;) {
            yield {};
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        },
      },
      make,
    );
    let count = 0;
    for await (const _ of client.listEntries({})) {
      count += 1;
      if (count === 3) {
        break;
      }
    }
    await expect.poll(() => signal?.aborted).toBe(true);
  });

  it("a stream ends with its error", async () => {
    const client = await clientOf(
      {
        // biome-ignore lint/correctness/useYield: it throws
        async *listEntries() {
          throw new served.AccountNotFoundError();
        },
      },
      make,
    );
    const drain = async () => {
      for await (const _ of client.listEntries({})) {
      }
    };
    await expect(drain()).rejects.toBeInstanceOf(AccountNotFoundError);
  });
});

/** A transport whose answers are given one by one. */
function scripted(answers: readonly (ConnectError | "ok")[]) {
  const ids: string[] = [];
  const transport = createRouterTransport(({ service }) => {
    service(LedgerService, {
      transfer: ({ requestId }) => {
        const answer = answers[ids.length];
        ids.push(requestId);
        if (answer instanceof ConnectError) {
          throw answer;
        }
        return {};
      },
    });
  });
  return { client: new LedgerServiceClient(transport), ids };
}

const unavailable = () => new ConnectError("not now", Code.Unavailable);

describe("a call that the contract retries", () => {
  it("is made again, with the same idempotency key, until it comes to something", async () => {
    const { client, ids } = scripted([unavailable(), unavailable(), "ok"]);
    await client.transfer({});
    expect(ids).toHaveLength(3);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(1);
  });

  it("is made as often as the contract says, and by codes that it names", async () => {
    const often = scripted(Array.from({ length: 9 }, unavailable));
    await expect(often.client.transfer({ requestId: "mine" })).rejects.toBeInstanceOf(LedgerUnavailableError);
    expect(often.ids).toEqual(Array.from({ length: 5 }, () => "mine"));
    const once = scripted([new ConnectError("no", Code.Internal)]);
    await expect(once.client.transfer({})).rejects.toMatchObject({ code: "INTERNAL" });
    expect(once.ids).toHaveLength(1);
  });

  it("waits for as long as the server's RetryInfo says, and isn't made again when that is longer than its time", async () => {
    const busy = (ms: number) => {
      const retryDelay = { seconds: BigInt(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1_000_000 };
      return new ConnectError("not now", Code.Unavailable, undefined, [
        { desc: RetryInfoSchema, value: { retryDelay } },
      ]);
    };
    vi.useFakeTimers();
    try {
      const { client, ids } = scripted([busy(90_000), "ok", busy(90_000), "ok"]);
      const call = client.transfer({}, { timeoutMs: 100_000 });
      await vi.advanceTimersByTimeAsync(89_999);
      expect(ids).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      await call;
      expect(ids).toHaveLength(2);
      const late = client.transfer({}, { timeoutMs: 80_000 });
      await expect(late).rejects.toMatchObject({ retryAfterMs: 90_000 });
      expect(ids).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is made no more when hardly any comes to something", async () => {
    const { client, ids } = scripted(Array.from({ length: 1000 }, unavailable));
    const calls = Array.from({ length: 60 }, () => client.transfer({}).catch(() => {}));
    await Promise.all(calls);
    // A hundred tokens, of which half may go: then each call is made once.
    expect(ids.length).toBeLessThan(60 + 5 * 50);
    const before = ids.length;
    await client.transfer({}).catch(() => {});
    expect(ids.length).toBe(before + 1);
  });

  it("isn't made again when it was cancelled, or its time is over", async () => {
    const cancelled = new AbortController();
    const { client, ids } = scripted(Array.from({ length: 9 }, unavailable));
    const call = client.transfer({}, { signal: cancelled.signal });
    await expect.poll(() => ids.length, { interval: 1 }).toBe(1);
    cancelled.abort();
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
    await expect(client.transfer({}, { timeoutMs: 20 })).rejects.toBeInstanceOf(LedgerUnavailableError);
    await expect(client.transfer({}, { timeoutMs: 0 })).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await expect(client.transfer({}, { timeoutMs: Number.NaN })).rejects.toThrow(TypeError);
    expect(ids).toHaveLength(2);
  });
});

describe("translateConnectError", () => {
  it("makes the contract's errors of what connect's own clients throw", async () => {
    const transport = createRouterTransport(({ service }) => {
      service(LedgerService, {
        transfer: () => {
          throw unavailable();
        },
      });
    });
    const thrown = await createClient(LedgerService, transport)
      .transfer({})
      .catch((error: unknown) => error);
    expect(translateConnectError(thrown, LEDGER_ERROR_MAP)).toBeInstanceOf(LedgerUnavailableError);
  });

  it.each([undefined, null, "text", 7, new Error("x"), new DOMException("gone", "AbortError"), {}])(
    "makes something of %s, and never throws",
    (thrown) => {
      expect(translateConnectError(thrown, LEDGER_ERROR_MAP)).toBeInstanceOf(LedgerError);
    },
  );
});

it("a transport that is none is refused where the client is made", () => {
  for (const none of [undefined, null, {}, "https://api.example.com"]) {
    expect(() => new LedgerServiceClient(none as never)).toThrow("it needs a transport");
  }
});

expectTypeOf<DuplicateRequestError>().toExtend<LedgerServiceTransferError>();

describe("a network that fails", () => {
  // What fetch throws, by engine: Chromium, Firefox, Safari, Node; and in the middle of a stream.
  it.each([
    "Failed to fetch",
    "NetworkError when attempting to fetch resource.",
    "Load failed",
    "fetch failed",
    "network error",
    "Error in input stream",
    "terminated",
  ])("is UNAVAILABLE, which contracts retry: %s", async (message) => {
    let calls = 0;
    const served = createRouterTransport(({ service }) => service(LedgerService, { transfer: () => ({}) }));
    const unary: Transport["unary"] = async (...args) => {
      calls += 1;
      if (calls === 1) {
        throw ConnectError.from(new TypeError(message));
      }
      return served.unary(...args);
    };
    await new LedgerServiceClient({ ...served, unary }).transfer({});
    expect(calls).toBe(2);
    expect(translateConnectError(new TypeError(message), LEDGER_ERROR_MAP)).toBeInstanceOf(LedgerUnavailableError);
  });

  it("isn't what a fault of the program is taken for", () => {
    const fault = new TypeError("cannot read properties of undefined");
    expect(translateConnectError(fault, LEDGER_ERROR_MAP)).toMatchObject({ code: "UNKNOWN" });
  });
});
