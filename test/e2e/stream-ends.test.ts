import type { CallContext, Channel, HandlerInterceptor } from "@accord-grpc/runtime";
import { MemoryLogger } from "@accord-grpc/runtime/testing";
import { credentials, InterceptingCall, type Interceptor } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildLedgerV1Channel } from "../../example/src/gen/ledger/v1/channel.js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import type { LedgerServiceServicer } from "../../example/src/gen/ledger/v1/ledger_servicer.js";
import { startScriptedLedger, statementLine } from "./scripted-ledger.js";

// All the ways in which one side of a stream ends before the other: generated code on both sides, on real sockets, straight
// and through interceptors.

const PATHS: readonly [string, readonly HandlerInterceptor[], readonly Interceptor[]][] = [
  ["straight", [], []],
  [
    "through interceptors",
    [(_context, next) => next()],
    [(options, nextCall) => new InterceptingCall(nextCall(options))],
  ],
];

const PATIENT = { timeoutMs: 60_000 };
const logger = new MemoryLogger("info");
let channel: Channel;
let close: () => Promise<void>;
let interceptors: { readonly server: readonly HandlerInterceptor[]; readonly client: readonly Interceptor[] };

beforeEach(() => {
  logger.lines.length = 0;
});
afterEach(() => close());

async function serve(methods: Partial<LedgerServiceServicer>): Promise<LedgerServiceClient> {
  const { server, address } = await startScriptedLedger(methods, { logger, handlerInterceptors: interceptors.server });
  channel = buildLedgerV1Channel(address, { credentials: credentials.createInsecure() });
  close = async () => {
    channel.close();
    await server.drain();
  };
  return new LedgerServiceClient(channel, { interceptors: interceptors.client });
}

/** What happened, in order. */
function diary(): { readonly entries: string[]; write(entry: string): void } {
  const entries: string[] = [];
  return { entries, write: (entry) => void entries.push(entry) };
}

const request = (account: string) => ({ change: { case: "subscribe" as const, value: { accountIds: [account] } } });

const isRequest = ({ message }: { readonly message: string }) => message === "importEntries.request";

/** The call's line, once it has ended. */
async function endOf(method: string): Promise<unknown> {
  return vi.waitFor(() => {
    const lines = logger.lines.filter(({ message }) => message.startsWith(`${method}.`));
    expect(lines.map(({ message }) => message)).toEqual([`${method}.request`, `${method}.response`]);
    return lines[1]?.fields.status;
  });
}

/** Resolves when the call is over. */
const over = (context: CallContext): Promise<unknown> =>
  new Promise((resolve) => context.signal.addEventListener("abort", () => resolve(context.signal.reason)));

describe.each(PATHS)("%s", (_path, server, client) => {
  beforeEach(() => {
    interceptors = { server, client };
  });

  it("server streaming: `break` cancels the call, and the handler's generator returns", async () => {
    const { entries, write } = diary();
    const client = await serve({
      listEntries: async function* (_, context) {
        void over(context).then((reason) => write(String((reason as Error).name)));
        try {
          for (;;) {
            yield {};
          }
        } finally {
          write("finally");
        }
      },
    });
    for await (const _ of client.listEntries({}, PATIENT)) {
      break;
    }
    expect(await endOf("listEntries")).toBe("CANCELLED");
    await vi.waitFor(() => expect([...entries].sort()).toEqual(["AbortError", "finally"]));
  });

  it("bidi streaming: `break` cancels the call, ends the requests, and the handler's iteration throws", async () => {
    const { entries, write } = diary();
    const client = await serve({
      watch: async function* (requests) {
        try {
          for await (const _ of requests) {
            yield {};
          }
          write("half-closed");
        } catch (error) {
          write(`handler: ${(error as Error).name}`);
          throw error;
        }
      },
    });
    // One request, and then none: the handler waits for the next when the call is cancelled.
    const coming = [request("a")];
    const requests: AsyncIterableIterator<ReturnType<typeof request>> = {
      [Symbol.asyncIterator]: () => requests,
      next: () => {
        const value = coming.shift();
        return value === undefined ? new Promise(() => {}) : Promise.resolve({ value });
      },
      return: async () => {
        write("requests returned");
        return { value: undefined, done: true };
      },
    };
    for await (const _ of client.watch(requests, PATIENT)) {
      break;
    }
    expect(await endOf("watch")).toBe("CANCELLED");
    await vi.waitFor(() => expect([...entries].sort()).toEqual(["handler: AbortError", "requests returned"]));
  });

  it("client streaming: requests that throw cancel the call, and are what the caller gets", async () => {
    const { entries, write } = diary();
    const client = await serve({
      importEntries: async (requests) => {
        try {
          for await (const { reference } of requests) {
            write(reference);
          }
          write("half-closed");
        } catch (error) {
          write(`handler: ${(error as Error).name}`);
        }
        return {};
      },
    });
    const broken = new Error("the file ends here");
    async function* requests() {
      yield statementLine("1");
      await vi.waitFor(() => expect(entries).toEqual(["1"]));
      throw broken;
    }
    await expect(client.importEntries(requests(), PATIENT)).rejects.toBe(broken);
    expect(await endOf("importEntries")).toBe("CANCELLED");
    await vi.waitFor(() => expect(entries).toEqual(["1", "handler: AbortError"]));
  });

  it("client streaming: half of a stream isn't taken for all of it by a server that is busy", async () => {
    const seen: string[] = [];
    const client = await serve({
      importEntries: async (requests) => {
        let end = "half-closed";
        try {
          for await (const _ of requests) {
            // More is to come.
          }
        } catch (error) {
          end = (error as Error).name;
        }
        seen.push(end);
        return {};
      },
    });
    const busy = setInterval(() => {
      const until = performance.now() + 6;
      while (performance.now() < until);
    }, 8);
    const calls = 40;
    for (let call = 0; call < calls; call += 1) {
      const before = seen.length;
      async function* requests() {
        yield statementLine("1");
        await vi.waitFor(() => expect(logger.lines.filter(isRequest)).toHaveLength(before + 1), { interval: 1 });
        throw new Error("the file ends here");
      }
      await expect(client.importEntries(requests(), PATIENT)).rejects.toThrow("the file ends here");
      await vi.waitFor(() => expect(seen).toHaveLength(before + 1));
    }
    clearInterval(busy);
    expect(new Set(seen)).toEqual(new Set(["AbortError"]));
  });

  it("client streaming: a handler that has read enough answers, and the requests return", async () => {
    const { entries, write } = diary();
    const client = await serve({
      importEntries: async (requests) => {
        for await (const { reference } of requests) {
          return { booked: BigInt(reference) };
        }
        return {};
      },
    });
    async function* requests() {
      try {
        for (let line = 1; ; line += 1) {
          yield statementLine(String(line));
        }
      } finally {
        write("requests returned");
      }
    }
    expect(await client.importEntries(requests(), PATIENT)).toMatchObject({ booked: 1n });
    expect(await endOf("importEntries")).toBe("OK");
    await vi.waitFor(() => expect(entries).toEqual(["requests returned"]));
  });

  it("bidi streaming: a handler that returns ends the responses well, and the requests return", async () => {
    const { entries, write } = diary();
    const client = await serve({
      watch: async function* (requests) {
        for await (const _ of requests) {
          yield { accountId: "only" };
          return;
        }
      },
    });
    async function* requests() {
      try {
        for (;;) {
          yield request("a");
        }
      } finally {
        write("requests returned");
      }
    }
    const responses: string[] = [];
    for await (const { accountId } of client.watch(requests(), PATIENT)) {
      responses.push(accountId);
    }
    expect(responses).toEqual(["only"]);
    expect(await endOf("watch")).toBe("OK");
    await vi.waitFor(() => expect(entries).toEqual(["requests returned"]));
  });

  it("bidi streaming: after the half-close the handler answers as long as it likes", async () => {
    const client = await serve({
      watch: async function* (requests) {
        let count = 0;
        for await (const _ of requests) {
          count += 1;
        }
        for (let answer = 1; answer <= 3; answer += 1) {
          yield { accountId: `${answer} of ${count}` };
        }
      },
    });
    async function* requests() {
      yield request("a");
      yield request("b");
    }
    const responses: string[] = [];
    for await (const { accountId } of client.watch(requests(), PATIENT)) {
      responses.push(accountId);
    }
    expect(responses).toEqual(["1 of 2", "2 of 2", "3 of 2"]);
    expect(await endOf("watch")).toBe("OK");
  });

  it("bidi streaming: a handler that stops reading goes on answering", async () => {
    const client = await serve({
      watch: async function* (requests) {
        for await (const _ of requests) {
          break;
        }
        yield { accountId: "1" };
        yield { accountId: "2" };
      },
    });
    async function* requests() {
      for (;;) {
        yield request("a");
      }
    }
    const responses: string[] = [];
    for await (const { accountId } of client.watch(requests(), PATIENT)) {
      responses.push(accountId);
    }
    expect(responses).toEqual(["1", "2"]);
    expect(await endOf("watch")).toBe("OK");
  });

  it.each([
    [
      "server streaming",
      "listEntries",
      (client: LedgerServiceClient, options: Options) => client.listEntries({}, options),
    ],
    ["bidi streaming", "watch", (client: LedgerServiceClient, options: Options) => client.watch(forever(), options)],
  ] as const)("%s: the end of the deadline ends both sides, also between two messages", async (_kind, method, call) => {
    const { entries, write } = diary();
    const endless = async function* (_: unknown, context: CallContext) {
      yield {};
      write(((await over(context)) as Error).name);
    };
    const client = await serve({ listEntries: endless, watch: endless });
    const iterate = async () => {
      for await (const _ of call(client, { timeoutMs: 200 })) {
        write("response");
      }
    };
    await expect(iterate()).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(["DEADLINE_EXCEEDED", "CANCELLED"]).toContain(await endOf(method));
    await vi.waitFor(() => expect(entries).toEqual(["response", "TimeoutError"]));
  });

  it("server streaming: a handler that makes empty messages without a pause is held back, and holds up nothing", async () => {
    let made = 0;
    const client = await serve({
      listEntries: async function* () {
        for (;;) {
          made += 1;
          yield {};
        }
      },
    });
    for await (const _ of client.listEntries({}, PATIENT)) {
      let before = -1;
      while (before !== made) {
        before = made;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      break;
    }
    // A channel's HTTP/2 window of 256 KiB has room for 52,000 of them, at five bytes each.
    expect(made).toBeLessThan(60_000);
    expect(await endOf("listEntries")).toBe("CANCELLED");
  });

  it("client streaming: a caller that makes empty messages without a pause holds up nothing", async () => {
    const client = await serve({ importEntries: (_, context) => over(context).then(() => ({})) });
    async function* requests() {
      for (;;) {
        yield {};
      }
    }
    const signal = AbortSignal.timeout(100);
    await expect(client.importEntries(requests(), { ...PATIENT, signal })).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await endOf("importEntries")).toBe("CANCELLED");
  });

  type Options = { readonly timeoutMs: number };
});

async function* forever() {
  yield request("a");
  await new Promise(() => {});
}
