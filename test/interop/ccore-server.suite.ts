import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import type { ChannelOptions } from "@accord-grpc/runtime";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { credentials } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildLedgerV1Channel } from "../../example/src/gen/ledger/v1/channel.js";
import {
  AccountNotFoundError,
  LedgerError,
  LedgerNotFoundError,
  LedgerUnavailableError,
} from "../../example/src/gen/ledger/v1/errors.js";
import { file_ledger_v1_errors } from "../../example/src/gen/ledger/v1/errors_pb.js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import { LedgerService, type WatchRequestSchema } from "../../example/src/gen/ledger/v1/ledger_pb.js";
import { file_google_rpc_error_details } from "../../runtime/src/gen/google/rpc/error_details_pb.js";
import { file_google_rpc_status } from "../../runtime/src/gen/google/rpc/status_pb.js";
import type { ChildProcess } from "../e2e/child-process.js";
import { hasPython, requirePython, startPython } from "./python.js";

// Generated clients against Python's gRPC, which is C-core: a well-behaved server, and one that isn't.

const PROTOS = [LedgerService.file, file_ledger_v1_errors, file_google_rpc_status, file_google_rpc_error_details];

let python: ChildProcess;
let servers = 0;
const close: (() => unknown)[] = [];

beforeAll(async () => {
  if (hasPython) {
    python = await startPython("server", PROTOS);
  }
});
afterAll(() => python?.kill());
beforeEach(requirePython);
afterEach(async () => {
  await Promise.all(close.splice(0).map((each) => each()));
});

interface PythonServer {
  readonly name: string;
  readonly target: string;
}

async function startServer(of: ChildProcess = python, options: object = {}): Promise<PythonServer> {
  servers += 1;
  const name = `server ${servers}`;
  const port = await of.ask<number>("start", { server: name, ...options });
  return { name, target: `127.0.0.1:${port}` };
}

/** Stops a server of the shared process after the test. */
async function serve(options: object = {}): Promise<PythonServer> {
  const server = await startServer(python, options);
  close.push(() => python.ask("stop", { server: server.name, grace: 0 }));
  return server;
}

function connect(target: string, extraOptions: ChannelOptions = {}): LedgerServiceClient {
  const channel = buildLedgerV1Channel(target, {
    credentials: credentials.createInsecure(),
    extraOptions: { "grpc.use_local_subchannel_pool": 1, ...extraOptions },
  });
  close.push(() => channel.close());
  return new LedgerServiceClient(channel);
}

type Method = "GetAccount" | "Transfer" | "ImportEntries" | "ListEntries" | "Watch";
const path = (method: Method): string => `/ledger.v1.LedgerService/${method}`;

/** See `Behaving` in `server.py`. */
interface Behaviour {
  readonly each?: object;
  readonly responses?: readonly (object | string)[];
  readonly code?: string;
  readonly details?: string;
  readonly trailers?: readonly (readonly [string, string | RpcStatus])[];
  readonly fail_first?: number;
  readonly hang?: number;
  readonly early?: boolean;
}

interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly (readonly [name: string, content: object | string])[];
}

const behave = (method: Method, behaviour: Behaviour, of = python) =>
  of.ask("behave", { path: path(method), ...behaviour });

interface CallSeen {
  readonly requests: readonly unknown[];
  readonly metadata: Readonly<Record<string, string>>;
}
const seen = (method: Method): Promise<readonly CallSeen[]> => python.ask("seen", { path: path(method) });

async function* sent<T>(messages: readonly T[]): AsyncGenerator<T> {
  yield* messages;
}

async function all<T>(responses: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const response of responses) {
    collected.push(response);
  }
  return collected;
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("the call succeeded"),
    (error: unknown) => error,
  );

const subscribe: MessageInitShape<typeof WatchRequestSchema> = {
  change: { case: "subscribe", value: { accountIds: ["a"] } },
};

type Options = { readonly timeoutMs: number };
const KINDS: readonly [string, Method, (client: LedgerServiceClient, options: Options) => Promise<unknown>][] = [
  ["unary", "GetAccount", (client, options) => client.getAccount({ accountId: "a" }, options)],
  ["client streaming", "ImportEntries", (client, options) => client.importEntries(sent([{}, {}]), options)],
  ["server streaming", "ListEntries", (client, options) => all(client.listEntries({}, options))],
  ["bidi streaming", "Watch", (client, options) => all(client.watch(sent([subscribe]), options))],
];

const SOON = { timeoutMs: 250 };
const PATIENT = { timeoutMs: 30_000 };

describe("a server of another team", () => {
  it("answers calls of all four kinds", async () => {
    const client = connect((await serve()).target);
    await behave("GetAccount", { responses: [{ account: { accountId: "a", version: "7" } }] });
    expect(await client.getAccount({ accountId: "a" }, PATIENT)).toMatchObject({
      account: { accountId: "a", version: 7n },
    });
    expect(await seen("GetAccount")).toMatchObject([{ requests: [{ accountId: "a" }] }]);

    await behave("ImportEntries", { responses: [{ booked: "2" }] });
    expect(await client.importEntries(sent([{ reference: "1" }, { reference: "2" }]), PATIENT)).toMatchObject({
      booked: 2n,
    });
    expect(await seen("ImportEntries")).toMatchObject([{ requests: [{ reference: "1" }, { reference: "2" }] }]);

    await behave("ListEntries", { responses: [{ entry: { entryId: "1" } }, { entry: { entryId: "2" } }] });
    expect(await all(client.listEntries({}, PATIENT))).toMatchObject([
      { entry: { entryId: 1n } },
      { entry: { entryId: 2n } },
    ]);

    await behave("Watch", { each: { accountId: "a" }, responses: [{ accountId: "end" }] });
    const watched = await all(client.watch(sent([subscribe, subscribe]), PATIENT));
    expect(watched.map(({ accountId }) => accountId)).toEqual(["a", "a", "end"]);
  });

  it("sees one idempotency key in all attempts", async () => {
    const client = connect((await serve()).target);
    await behave("Transfer", { fail_first: 2, responses: [{ transferId: "t" }] });
    expect(await client.transfer({}, PATIENT)).toMatchObject({ transferId: "t" });
    const attempts = await seen("Transfer");
    const key = { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) };
    expect(attempts).toMatchObject([{ requests: [] }, { requests: [] }, { requests: [key] }]);
    expect(attempts.map(({ metadata }) => metadata["grpc-previous-rpc-attempts"])).toEqual([undefined, "1", "2"]);
  });

  describe.each(KINDS)("%s", (_kind, method, call) => {
    it("raises a declared error with a standard ErrorInfo", async () => {
      const client = connect((await serve()).target);
      const info = { reason: "ACCOUNT_NOT_FOUND", domain: "ledger.example.com", metadata: { account: "a" } };
      const details = [
        ["google.rpc.ErrorInfo", info],
        ["google.rpc.RetryInfo", { retryDelay: "1.5s" }],
      ] as const;
      await behave(method, {
        code: "NOT_FOUND",
        details: "There is no account a",
        trailers: [["grpc-status-details-bin", { code: 5, message: "There is no account a", details }]],
      });
      const error = await failureOf(call(client, PATIENT));
      expect(error).toBeInstanceOf(AccountNotFoundError);
      expect(error).toMatchObject({ metadata: { account: "a" }, message: "There is no account a", retryAfterMs: 1500 });
    });

    it.each([
      [
        "a code that nobody declared",
        {
          code: 5,
          message: "m",
          details: [["google.rpc.ErrorInfo", { reason: "NEWS", domain: "ledger.example.com" }]],
        },
        "NEWS",
      ],
      [
        "a code of another domain",
        {
          code: 5,
          message: "m",
          details: [["google.rpc.ErrorInfo", { reason: "ACCOUNT_NOT_FOUND", domain: "elsewhere" }]],
        },
        "ACCOUNT_NOT_FOUND",
      ],
      ["details that nobody here knows", { code: 5, message: "m", details: [["who.Knows", "AAEC"]] }, "NOT_FOUND"],
      ["truncated details", { code: 5, message: "m", details: [["google.rpc.ErrorInfo", "CgZORVdT"]] }, "NOT_FOUND"],
      ["a Status that isn't one", "/////w==", "NOT_FOUND"],
      ["a Status of another code", { code: 13, message: "m", details: [] }, "NOT_FOUND"],
    ] as const)("%s: the status counts", async (_what, status, code) => {
      const client = connect((await serve()).target);
      await behave(method, { code: "NOT_FOUND", trailers: [["grpc-status-details-bin", status]] });
      const error = await failureOf(call(client, PATIENT));
      expect(error).toBeInstanceOf(LedgerNotFoundError);
      expect(error).not.toBeInstanceOf(AccountNotFoundError);
      expect(error).toMatchObject({ code, status: 5 });
    });

    it.each([
      [10_000, "NOT_FOUND"],
      // Too large for Node's HTTP/2, which drops them: see docs/limits.md.
      [100_000, "DEADLINE_EXCEEDED"],
    ])("trailers of %i bytes: %s", async (size, code) => {
      const client = connect((await serve()).target);
      await behave(method, { code: "NOT_FOUND", trailers: [["x-large", "x".repeat(size)]] });
      const error = await failureOf(call(client, SOON));
      expect(error).toBeInstanceOf(LedgerError);
      expect(error).toMatchObject({ code });
    });

    it("never answers", async () => {
      const client = connect((await serve()).target);
      await behave(method, { hang: 60 });
      const error = await failureOf(call(client, SOON));
      expect(error).toBeInstanceOf(LedgerUnavailableError);
      expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
      // The server hears of it too.
      await python.event(({ event, path: ended }) => event === "ended" && ended === path(method));
    });

    it("goes away while it answers", async () => {
      const server = await startServer();
      const client = connect(server.target);
      await behave(method, { responses: [{}], hang: 60 });
      const failed = failureOf(call(client, PATIENT));
      while ((await seen(method)).length === 0) {
        // Until the call has come.
      }
      await python.ask("stop", { server: server.name, grace: 0 });
      const error = await failed;
      expect(error).toBeInstanceOf(LedgerError);
    });

    it("says that it goes away, and answers what it has begun", async () => {
      const server = await startServer();
      const client = connect(server.target);
      await behave(method, { responses: [{}], hang: 0.1 });
      const answered = call(client, PATIENT);
      while ((await seen(method)).length === 0) {
        // Until the call has come.
      }
      const stopped = python.ask("stop", { server: server.name, grace: 10 });
      await expect(answered).resolves.toBeDefined();
      await stopped;
    });

    it("is killed in the middle", async () => {
      const own = await startPython("server", PROTOS);
      close.push(() => own.kill());
      const client = connect((await startServer(own)).target);
      await behave(method, { responses: [{}], hang: 60 }, own);
      const failed = failureOf(call(client, PATIENT));
      while ((await own.ask<unknown[]>("seen", { path: path(method) })).length === 0) {
        // Until the call has come.
      }
      await own.kill();
      const error = await failed;
      expect(error).toBeInstanceOf(LedgerUnavailableError);
    });

    it("compresses", async () => {
      const client = connect((await serve({ gzip: true })).target);
      const memo = "a long story ".repeat(5_000);
      const responses = {
        GetAccount: { account: { holderName: memo } },
        ImportEntries: { booked: "1" },
        ListEntries: { entry: { memo } },
        Watch: { accountId: memo },
        Transfer: {},
      }[method];
      await behave(method, { responses: [responses] });
      const answer = await call(client, PATIENT);
      expect(JSON.stringify(answer, (_, value) => (typeof value === "bigint" ? `${value}` : value))).toContain(
        method === "ImportEntries" ? '"booked":"1"' : memo,
      );
    });
  });

  it("isn't asked too often, though its default options permit little and the channel's ask for much", async () => {
    const { target } = await serve({});
    const client = connect(target, { "grpc.keepalive_time_ms": 500 });
    await behave("ListEntries", { responses: [{}], hang: 60 });
    // The third or fourth ping without data in between would have ended it.
    const failure = await failureOf(all(client.listEntries({}, { timeoutMs: 8_000 })));
    expect(failure).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  it("accepts the connection and says nothing", async () => {
    const sockets: Socket[] = [];
    const listener = createServer((socket) => sockets.push(socket.on("error", () => {})));
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    close.push(() => {
      listener.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    });
    const client = connect(`127.0.0.1:${(listener.address() as AddressInfo).port}`);
    expect(await failureOf(client.getAccount({}, SOON))).toMatchObject({ code: "UNAVAILABLE" });
  });
});
