import { getEventListeners, once } from "node:events";
import { connect } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";
import { Client, credentials, type Metadata, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AccountNotFoundError, StoreUnavailableError } from "../../../example/src/gen/ledger/v1/errors.js";
import { framed, Http2Caller } from "../../interop/kit/http2-caller.js";
import { startProgram } from "../node-program.js";
import { all, failureOf, ledgerClient, ledgerServer } from "./ledger.js";
import { http2Server, Opened, PlainClient, plainServer, trailersOnly } from "./plain-grpc.js";

// What grpc-js's server does with its handlers and its peers, and what we do about it.

const opened = new Opened();
afterEach(() => opened.close());

const over = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));

describe("connections have an age", () => {
  it("that is honoured: calls go on over new ones, and none is lost", async () => {
    const peers = new Set<string>();
    const { address } = await ledgerServer(
      opened,
      {
        getAccount: async (_, context) => {
          peers.add(context.peer);
          return {};
        },
      },
      { maxConnectionAgeMs: 100 },
    );
    const client = ledgerClient(opened, address);
    while (peers.size < 3) {
      await client.getAccount({});
    }
  });

  it("and a grace, infinite by default in grpc-js, which ends streams in a generated server", async () => {
    const endless = ledgerServer(
      opened,
      {
        listEntries: async function* (_, context) {
          yield {};
          await over(context.signal);
        },
      },
      { maxConnectionAgeMs: 50, maxConnectionAgeGraceMs: 50 },
    );
    const client = ledgerClient(opened, (await endless).address);
    const error = await failureOf(all(client.listEntries({}, { timeoutMs: 20_000 })));
    expect(error).toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("the process", () => {
  it.each([
    ["a rejected async handler", "reject"],
    ["a lone surrogate in a status message", "surrogate"],
    ["an 'error' of a client stream that nobody listens to", "stream-error"],
  ])("ends in grpc-js by %s", async (_what, how) => {
    const plain = await startProgram("e2e/programs/plain-crash.ts", [how]);
    opened.add(() => plain.kill());
    const { code } = await plain.exited;
    expect(code).toBe(1);
    expect(plain.stderr).toMatch(/ERR_UNHANDLED_REJECTION|the handler failed|URI malformed|UNAVAILABLE/);
  });

  it("is safe from all three with generated code", async () => {
    const { address } = await ledgerServer(opened, {
      getAccount: async ({ accountId }) => {
        throw accountId === "surrogate" ? new AccountNotFoundError({ account: "cut \ud83d" }) : new Error("bug");
      },
      listEntries: () => {
        throw new StoreUnavailableError();
      },
    });
    const client = ledgerClient(opened, address);
    expect(await failureOf(client.getAccount({}))).toMatchObject({ code: "INTERNAL" });
    expect(await failureOf(client.getAccount({ accountId: "surrogate" }))).toMatchObject({
      message: "There is no account cut \ufffd",
      metadata: { account: "cut \ufffd" },
    });
    expect(await failureOf(all(client.listEntries({})))).toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});

describe("errors", () => {
  it("are sent by grpc-js with their message as UNKNOWN, and with any integer code that they have", async () => {
    const errors = [
      new Error("password authentication failed for user postgres"),
      Object.assign(new Error("duplicate key"), { code: 5 }),
      Object.assign(new Error("odd"), { code: 4711 }),
    ];
    const { target } = await plainServer(opened, {
      unary: (_call, callback) => callback((errors.shift() ?? null) as Parameters<typeof callback>[0]),
    });
    const client = new PlainClient(opened, target);
    expect(await client.unary()).toMatchObject({ code: status.UNKNOWN, details: /password/ });
    expect(await client.unary()).toMatchObject({ code: status.NOT_FOUND });
    expect(await client.unary()).toMatchObject({ code: 4711 });
  });

  it("are INTERNAL with an error id from a generated server, whatever they carry", async () => {
    const errors = [new Error("password"), ...[5, 4711, -1, 0].map((code) => Object.assign(new Error("x"), { code }))];
    const { address } = await ledgerServer(opened, {
      getAccount: () => {
        throw errors.shift();
      },
    });
    const client = ledgerClient(opened, address);
    while (errors.length > 0) {
      expect(await failureOf(client.getAccount({}))).toMatchObject({
        status: status.INTERNAL,
        message: expect.stringMatching(/^Internal error \(error id [0-9a-f]+\)$/),
      });
    }
  });

  it("that aren't a number reach the caller of grpc-js as NaN, and any number as it is", async () => {
    const sent = ["abc", "4711", "-1"];
    const target = await http2Server(opened, (stream) => trailersOnly(stream, { "grpc-status": sent.shift() ?? "" }));
    const client = new PlainClient(opened, target);
    expect((await client.unary()).code).toBeNaN();
    expect((await client.unary()).code).toBe(4711);
    expect((await client.unary()).code).toBe(-1);
  });

  it.each(["abc", "4711", "-1"])("grpc-status: %j becomes UNKNOWN in a generated client", async (sent) => {
    const target = await http2Server(opened, (stream) => trailersOnly(stream, { "grpc-status": sent }));
    expect(await failureOf(ledgerClient(opened, target).getAccount({}))).toMatchObject({ status: status.UNKNOWN });
  });
});

describe("trailers", () => {
  it("of 100 kB hang a grpc-js client until its deadline on Node 20, and fail at once on later ones", async () => {
    const { target } = await plainServer(opened, {
      unary: (_call, callback) => callback({ code: status.NOT_FOUND, details: "x".repeat(100_000) }),
    });
    const end = await new PlainClient(opened, target).unary({ timeoutMs: 500 });
    const isNode20 = process.versions.node.startsWith("20.");
    expect(end.code).toBe(isNode20 ? status.DEADLINE_EXCEEDED : status.INTERNAL);
  });

  it("are cut by a generated server: google.rpc.Status to 4 KiB, and the message", async () => {
    const { address } = await ledgerServer(opened, {
      getAccount: () => {
        throw new AccountNotFoundError({ account: "x".repeat(100_000) });
      },
    });
    let trailers: Metadata | undefined;
    const onTrailers = (received: Metadata) => {
      trailers = received;
    };
    const error = await failureOf(ledgerClient(opened, address).getAccount({}, { onTrailers }));
    expect(error).toBeInstanceOf(AccountNotFoundError);
    const [details] = trailers?.get("grpc-status-details-bin") ?? [];
    expect(details?.length).toBeLessThanOrEqual(4096);
  });
});

describe("the deadline", () => {
  it("is answered by grpc-js itself, and its handler only sees `cancelled`", async () => {
    let call: ServerUnaryCall<Buffer, Buffer> | undefined;
    const { target } = await plainServer(opened, {
      unary: (received) => {
        call = received;
      },
    });
    expect(await new PlainClient(opened, target).unary({ timeoutMs: 50 })).toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    await vi.waitFor(() => expect(call?.cancelled).toBe(true));
  });

  it("is told from a cancel by a generated server's signal", async () => {
    const reasons: unknown[] = [];
    const { address } = await ledgerServer(opened, {
      getAccount: async (_, context) => {
        reasons.push(await over(context.signal));
        return {};
      },
    });
    // It has no deadline of its own, which might be over before the server's.
    const caller = new Http2Caller(address);
    opened.add(() => caller.close());
    await caller.call("/ledger.v1.LedgerService/GetAccount", [framed(new Uint8Array())], { "grpc-timeout": "50m" });
    await failureOf(ledgerClient(opened, address).getAccount({}, { signal: AbortSignal.timeout(50) }));
    await vi.waitFor(() => expect(reasons).toMatchObject([{ name: "TimeoutError" }, { name: "AbortError" }]));
  });

  describe("over 24.8 days overflows in grpc-js's server: 30 days are over at once", () => {
    const THIRTY_DAYS = 30 * 24 * 3_600_000;

    it("for a grpc-js client", async () => {
      const { target } = await plainServer(opened, {
        unary: (_call, callback) => void setTimeout(callback, 100, null, Buffer.alloc(0)),
      });
      expect(await new PlainClient(opened, target).unary({ timeoutMs: THIRTY_DAYS })).toMatchObject({
        code: status.DEADLINE_EXCEEDED,
      });
    });

    it("and not for a generated client, which clamps it", async () => {
      const { address } = await ledgerServer(opened, {
        getAccount: async () => {
          await delay(100);
          return {};
        },
      });
      const client = ledgerClient(opened, address);
      await expect(client.getAccount({}, { timeoutMs: THIRTY_DAYS })).resolves.toBeDefined();
    });
  });
});

it("responses are never compressed, even for a client that would read it", async () => {
  const { address } = await ledgerServer(opened, {
    getAccount: async () => ({ account: { holderName: "x".repeat(9_999) } }),
  });
  const session = connect(`http://${address}`);
  const stream = session.request({
    ":method": "POST",
    ":path": "/ledger.v1.LedgerService/GetAccount",
    "content-type": "application/grpc",
    te: "trailers",
    "grpc-accept-encoding": "gzip",
  });
  stream.end(Buffer.alloc(5));
  const [headers] = await once(stream, "response");
  expect(headers["grpc-encoding"] ?? "identity").toBe("identity");
  const [first] = await once(stream, "data");
  expect(first[0]).toBe(0);
  session.destroy();
});

describe("a stream of responses", () => {
  it("that is destroyed doesn't cancel the call in grpc-js; leaving the loop of a generated one does", async () => {
    let cancelled = false;
    const { target } = await plainServer(opened, {
      serverStream: (call) => {
        call.on("cancelled", () => {
          cancelled = true;
        });
        call.write(Buffer.alloc(1));
      },
    });
    const stream = new PlainClient(opened, target).openServerStream();
    stream.on("error", () => {});
    await once(stream, "data");
    stream.destroy();
    await delay(100);
    expect(cancelled).toBe(false);

    let told = false;
    const { address } = await ledgerServer(opened, {
      listEntries: async function* (_, context) {
        yield {};
        await over(context.signal);
        told = true;
      },
    });
    for await (const _ of ledgerClient(opened, address).listEntries({})) {
      break;
    }
    await vi.waitFor(() => expect(told).toBe(true));
  });
});

it("grpc-js ends a stream of responses before it emits its 'error'; a generated stream throws instead of ending", async () => {
  const target = await http2Server(opened, (stream) => trailersOnly(stream, { "grpc-status": "5" }));
  const responses = new PlainClient(opened, target).openServerStream();
  const order: string[] = [];
  const push = responses.push.bind(responses);
  responses.push = (chunk, encoding) => {
    order.push(chunk === null ? "the end is pushed" : "a response is pushed");
    return push(chunk, encoding);
  };
  responses.on("error", () => order.push("error"));
  responses.resume();
  await new Promise((resolve) => responses.once("status", resolve));
  expect(order).toEqual(["the end is pushed", "error"]);

  expect(await failureOf(all(ledgerClient(opened, target).listEntries({})))).toMatchObject({ code: "NOT_FOUND" });
});

it("the `parent` of a call keeps a listener for each of its children; a generated client's calls leave none", async () => {
  const next = await plainServer(opened, { unary: (_call, callback) => callback(null, Buffer.alloc(0)) });
  const child = new Client(next.target, credentials.createInsecure());
  opened.add(() => child.close());
  const same = (bytes: Buffer) => bytes;
  let listeners = 0;
  const { target } = await plainServer(opened, {
    unary: async (parent, callback) => {
      for (let call = 0; call < 5; call += 1) {
        await new Promise((resolve) =>
          child.makeUnaryRequest("/facts.Plain/Unary", same, same, Buffer.alloc(0), { parent }, resolve),
        );
      }
      listeners = parent.listenerCount("cancelled");
      callback(null, Buffer.alloc(0));
    },
  });
  expect(await new PlainClient(opened, target).unary()).toMatchObject({ code: status.OK });
  expect(listeners).toBeGreaterThanOrEqual(5);

  const last = await ledgerServer(opened, { getAccount: async () => ({}) });
  const lastClient = ledgerClient(opened, last.address);
  let left = -1;
  const first = await ledgerServer(opened, {
    getAccount: async (_, context) => {
      for (let call = 0; call < 5; call += 1) {
        await lastClient.getAccount({});
      }
      left = getEventListeners(context.signal, "abort").length;
      return {};
    },
  });
  await ledgerClient(opened, first.address).getAccount({});
  expect(left).toBe(0);
});

it("thousands of cancelled calls cost the others on their connection nothing", async () => {
  const { address } = await ledgerServer(opened, {
    listEntries: async function* (_, context) {
      yield {};
      await over(context.signal);
    },
    getAccount: async () => ({}),
  });
  const client = ledgerClient(opened, address);
  const end = new AbortController();
  const beside = failureOf(all(client.listEntries({}, { timeoutMs: 100_000, signal: end.signal })));
  const cancelling = async () => {
    for (let call = 0; call < 150; call += 1) {
      for await (const _ of client.listEntries({}, { timeoutMs: 100_000 })) {
        break;
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, cancelling));
  await expect(client.getAccount({})).resolves.toBeDefined();
  end.abort();
  // It lived until its own end.
  expect(await beside).toMatchObject({ code: "CANCELLED" });
});
