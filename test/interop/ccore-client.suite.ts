import { readFileSync } from "node:fs";
import type { GrpcServer, HandlerInterceptor } from "@accord-grpc/runtime";
import { MemoryLogger } from "@accord-grpc/runtime/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AuditServicer } from "../../example/src/apps/ledger-server/audit-servicer.js";
import { BalanceFeed } from "../../example/src/apps/ledger-server/books/balance-feed.js";
import type { Database } from "../../example/src/apps/ledger-server/database/database.js";
import { openDatabase } from "../../example/src/apps/ledger-server/database/open-database.js";
import { DRIVER_ERRORS } from "../../example/src/apps/ledger-server/driver-errors.js";
import { LedgerServicer } from "../../example/src/apps/ledger-server/ledger-servicer.js";
import {
  AccountNotFoundError,
  SerializationConflictError,
  StaleAnchorError,
  StoreUnavailableError,
} from "../../example/src/gen/ledger/v1/errors.js";
import { file_ledger_v1_errors } from "../../example/src/gen/ledger/v1/errors_pb.js";
import { LedgerService } from "../../example/src/gen/ledger/v1/ledger_pb.js";
import { createLedgerV1Server } from "../../example/src/gen/ledger/v1/server.js";
import { file_google_rpc_error_details } from "../../runtime/src/gen/google/rpc/error_details_pb.js";
import { file_google_rpc_status } from "../../runtime/src/gen/google/rpc/status_pb.js";
import { file_grpc_health_v1_health } from "../../runtime/src/gen/grpc/health/v1/health_pb.js";
import { file_grpc_reflection_v1_reflection } from "../../runtime/src/gen/grpc/reflection/v1/reflection_pb.js";
import { file_grpc_reflection_v1alpha_reflection } from "../../runtime/src/gen/grpc/reflection/v1alpha/reflection_pb.js";
import type { ChildProcess } from "../e2e/child-process.js";
import { startScriptedLedger } from "../e2e/scripted-ledger.js";
import { hasPython, requirePython, startPython } from "./python.js";

// Python's gRPC, which is C-core, as the client of generated servers.

/** What `client.py` tells of a call. */
interface Seen {
  readonly responses: readonly unknown[];
  readonly code: string;
  readonly details: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly trailers: readonly (readonly [string, string])[];
  readonly status: {
    readonly code: number;
    readonly message: string;
    readonly bytes: number;
    readonly details: Readonly<Record<string, unknown>>;
  } | null;
}

const LEDGER = "/ledger.v1.LedgerService";
/** A transfer that breaks no rule of its proto. */
const LAWFUL = {
  sourceAccountId: "alice",
  destinationAccountId: "bob",
  amount: { minorUnits: 1, currencyCode: "EUR" },
};
const HEALTH = "/grpc.health.v1.Health";
const SERVICE_CONFIG = readFileSync(
  new URL("../../example/src/gen/ledger/v1/service_config.json", import.meta.url),
  "utf8",
);

let python: ChildProcess;
/** How many channels were opened, and which are open. */
let channels = 0;
const openChannels = new Set<string>();

beforeAll(async () => {
  if (hasPython) {
    python = await startPython("client", [
      LedgerService.file,
      file_ledger_v1_errors,
      file_google_rpc_status,
      file_google_rpc_error_details,
      file_grpc_health_v1_health,
      file_grpc_reflection_v1_reflection,
      file_grpc_reflection_v1alpha_reflection,
    ]);
  }
});
afterAll(() => python?.kill());
beforeEach(requirePython);

type Option = readonly [name: string, value: string | number];

/** Opens a channel, with connections that no other channel has. */
async function connect(target: string, options: readonly Option[] = []): Promise<string> {
  channels += 1;
  const channel = `channel ${channels}`;
  const own: Option[] = [["grpc.use_local_subchannel_pool", 1], ...options];
  await python.ask("connect", { channel, target, options: own });
  openChannels.add(channel);
  return channel;
}

/** C-core never closes an idle connection of its own accord: a server would wait for it. */
async function disconnect(): Promise<void> {
  const all = [...openChannels];
  openChannels.clear();
  await Promise.all(all.map((channel) => python.ask("disconnect", { channel })));
}

function call(channel: string, path: string, requests: readonly object[], options: object = {}): Promise<Seen> {
  return python.ask<Seen>("call", { channel, path, requests, ...options });
}

describe("the example", () => {
  let database: Database;
  let feed: BalanceFeed;
  let server: GrpcServer;
  let address: string;
  let channel: string;

  beforeAll(async () => {
    if (!hasPython) {
      return;
    }
    database = await openDatabase({});
    feed = await BalanceFeed.open(database);
    server = createLedgerV1Server(
      { ledger: new LedgerServicer(database, feed), audit: new AuditServicer(database) },
      { logger: new MemoryLogger("error"), errors: DRIVER_ERRORS, handleSignals: false, drainMs: 1000 },
    );
    ({ address } = await server.start("127.0.0.1:0"));
    channel = await connect(address);
    for (const accountId of ["alice", "bob"]) {
      const opened = await call(channel, `${LEDGER}/OpenAccount`, [
        { accountId, holderName: accountId, currencyCode: "EUR" },
      ]);
      expect(opened).toMatchObject({ code: "OK", responses: [{ account: { accountId } }] });
    }
  });
  afterAll(async () => {
    await disconnect();
    await server?.drain();
    await feed?.close();
    await database?.close();
  });

  const euros = (minorUnits: number) => ({ minorUnits, currencyCode: "EUR" });

  it("serves all four kinds", async () => {
    const imported = await call(channel, `${LEDGER}/ImportEntries`, [
      { reference: "1", accountId: "alice", amount: euros(300) },
      { reference: "2", accountId: "alice", amount: euros(200) },
      { reference: "1", accountId: "alice", amount: euros(300) },
    ]);
    expect(imported).toMatchObject({ code: "OK", responses: [{ booked: "2", skipped: "1" }] });

    const transfer = { sourceAccountId: "alice", destinationAccountId: "bob", amount: euros(120) };
    const transferred = await call(channel, `${LEDGER}/Transfer`, [{ requestId: "t-1", transfer }]);
    expect(transferred).toMatchObject({
      code: "OK",
      responses: [{ sourceBalance: { minorUnits: "380", currencyCode: "EUR" } }],
    });

    const listed = await call(channel, `${LEDGER}/ListEntries`, [{ accountId: "alice" }]);
    expect(listed.code).toBe("OK");
    expect(listed.responses).toMatchObject(
      [300, 200, -120].map((amount) => ({ entry: { amount: { minorUnits: `${amount}` } } })),
    );

    const watched = await call(channel, `${LEDGER}/Watch`, [{ subscribe: { accountIds: ["alice", "bob"] } }]);
    expect(watched).toMatchObject({ code: "OK" });
    expect(watched.responses).toHaveLength(2);
  });

  it("says what is wrong in details that a client in another language can read", async () => {
    const transfer = { sourceAccountId: "bob", destinationAccountId: "alice", amount: euros(1_000_000) };
    const { code, details, status } = await call(channel, `${LEDGER}/Transfer`, [{ requestId: "t-2", transfer }]);
    const metadata = { balance: expect.any(String), amount: "1000000", currency: "EUR" };
    expect(code).toBe("FAILED_PRECONDITION");
    expect(details).toMatch(/^Balance \d+ is below 1000000/);
    expect(status).toMatchObject({
      code: 9,
      message: details,
      details: {
        "google.rpc.ErrorInfo": { reason: "INSUFFICIENT_FUNDS", domain: "ledger.example.com", metadata },
        "ledger.v1.LedgerErrorDetail": { code: "INSUFFICIENT_FUNDS", message: details, metadata },
      },
    });
  });

  it.each([
    ["unary", "GetAccount", { accountId: "nobody" }],
    [
      "client streaming",
      "ImportEntries",
      { reference: "9", accountId: "nobody", amount: { minorUnits: 1, currencyCode: "EUR" } },
    ],
    ["server streaming", "ListEntries", { accountId: "nobody" }],
    ["bidi streaming", "Watch", { subscribe: { accountIds: ["nobody"] } }],
  ])("fails a %s call with its declared error", async (_kind, method, request) => {
    const seen = await call(channel, `${LEDGER}/${method}`, [request]);
    expect(seen).toMatchObject({
      code: "NOT_FOUND",
      details: "There is no account nobody",
      status: { details: { "google.rpc.ErrorInfo": { reason: "ACCOUNT_NOT_FOUND", metadata: { account: "nobody" } } } },
    });
  });

  it("tells its health: Check and List", async () => {
    const service = "ledger.v1.LedgerService";
    expect(await call(channel, `${HEALTH}/Check`, [{ service }])).toMatchObject({ responses: [{ status: "SERVING" }] });
    expect(await call(channel, `${HEALTH}/Check`, [{}])).toMatchObject({ responses: [{ status: "SERVING" }] });
    expect(await call(channel, `${HEALTH}/Check`, [{ service: "who.Knows" }])).toMatchObject({ code: "NOT_FOUND" });
    const serving = { status: "SERVING" };
    expect(await call(channel, `${HEALTH}/List`, [{}])).toMatchObject({
      responses: [{ statuses: { "": serving, [service]: serving, "ledger.v1.AuditService": serving } }],
    });
  });

  it.each(["v1", "v1alpha"])("is reflected: %s", async (version) => {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const { code, responses } = await call(channel, path, [
      { listServices: "" },
      { fileContainingSymbol: "ledger.v1.LedgerService" },
      { fileContainingSymbol: "who.Knows" },
    ]);
    expect(code).toBe("OK");
    const names = [
      "ledger.v1.AuditService",
      "ledger.v1.LedgerService",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ];
    expect(responses).toMatchObject([
      { listServicesResponse: { service: names.map((name) => ({ name })) } },
      { fileDescriptorResponse: { fileDescriptorProto: expect.arrayContaining([expect.any(String)]) } },
      { errorResponse: { errorCode: 5 } },
    ]);
  });
});

describe("a generated server", () => {
  const close: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await disconnect();
    await Promise.all(close.splice(0).map((each) => each()));
  });

  type Started = Awaited<ReturnType<typeof startScriptedLedger>>;
  async function serve(...args: Parameters<typeof startScriptedLedger>): Promise<Started> {
    const started = await startScriptedLedger(...args);
    close.push(() => started.server.drain());
    return started;
  }

  it("answers UNIMPLEMENTED to what it doesn't serve", async () => {
    const { address } = await serve({}, { reflection: false });
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    expect(await call(await connect(address), path, [{ listServices: "" }])).toMatchObject({ code: "UNIMPLEMENTED" });
  });

  it("sends RetryInfo and pushback, and the end of retries", async () => {
    const errors = [
      new SerializationConflictError(),
      new StaleAnchorError({ account: "a", expected: "1", actual: "2" }),
    ];
    const { address } = await serve({
      transfer: async () => {
        throw errors.shift();
      },
    });
    const channel = await connect(address);
    const busy = await call(channel, `${LEDGER}/Transfer`, [{ requestId: "1", transfer: LAWFUL }]);
    expect(busy).toMatchObject({
      code: "ABORTED",
      status: { details: { "google.rpc.RetryInfo": { retryDelay: "0.025s" } } },
    });
    expect(busy.trailers).toContainEqual(["grpc-retry-pushback-ms", "25"]);
    const stale = await call(channel, `${LEDGER}/Transfer`, [{ requestId: "2", transfer: LAWFUL }]);
    expect(stale).toMatchObject({ code: "ABORTED" });
    expect(stale.trailers).toContainEqual(["grpc-retry-pushback-ms", "-1"]);
  });

  it("cuts 100 kB of error metadata to what C-core can read, and keeps the code", async () => {
    const { address } = await serve({
      getAccount: async () => {
        throw new AccountNotFoundError({ account: "x".repeat(100_000) });
      },
    });
    const seen = await call(await connect(address), `${LEDGER}/GetAccount`, [{}]);
    expect(seen).toMatchObject({
      code: "NOT_FOUND",
      status: { details: { "google.rpc.ErrorInfo": { reason: "ACCOUNT_NOT_FOUND" } } },
    });
    expect(seen.status?.bytes).toBeLessThanOrEqual(4096);
  });

  it("reads compressed requests, and answers uncompressed", async () => {
    const { address } = await serve({
      getAccount: async ({ accountId }) => ({ account: { accountId } }),
    });
    const accountId = "a".repeat(10_000);
    const seen = await call(await connect(address), `${LEDGER}/GetAccount`, [{ accountId }], { gzip: true });
    expect(seen).toMatchObject({ code: "OK", responses: [{ account: { accountId } }] });
    expect(seen.headers.map(([key]) => key)).not.toContain("grpc-encoding");
  });

  it("hears of a cancel, and of a deadline", async () => {
    const { address } = await serve({
      getAccount: (_, context) =>
        new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason))),
      listEntries: async function* (_, context) {
        yield {};
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        cancelled(context.signal.reason);
      },
    });
    let cancelled = (_reason: unknown): void => {};
    const reason = new Promise((resolve) => {
      cancelled = resolve;
    });
    const channel = await connect(address);
    await python.ask("open_stream", { stream: "to cancel", channel, path: `${LEDGER}/ListEntries`, requests: [{}] });
    expect(await python.ask("read", { stream: "to cancel" })).toEqual({ response: {} });
    await python.ask("cancel", { stream: "to cancel" });
    expect(await reason).toMatchObject({ name: "AbortError" });
    const late = await call(channel, `${LEDGER}/GetAccount`, [{}], { timeout: 0.2 });
    expect(late.code).toBe("DEADLINE_EXCEEDED");
  });

  it("isn't held by idle channels when it drains, and tells a Watch before that", async () => {
    const { server, address } = await serve({});
    for (let count = 0; count < 10; count += 1) {
      await python.ask("ready", { channel: await connect(address) });
    }
    const channel = await connect(address);
    await python.ask("open_stream", { stream: "health", channel, path: `${HEALTH}/Watch`, requests: [{}] });
    expect(await python.ask("read", { stream: "health" })).toEqual({ response: { status: "SERVING" } });
    const drained = server.drain();
    expect(await python.ask("read", { stream: "health" })).toEqual({ response: { status: "NOT_SERVING" } });
    expect(await python.ask("read", { stream: "health" })).toMatchObject({ code: "UNAVAILABLE" });
    expect(await drained).toMatchObject({ outcome: "drained" });
  });

  describe("with the generated service config as the channel's own", () => {
    /** The attempts of each method, in order, and what each said of those before it. */
    const attempts: string[] = [];
    const count: HandlerInterceptor = ({ path, requestMetadata }, next) => {
      attempts.push(`${path.split("/")[2]} ${requestMetadata.get("grpc-previous-rpc-attempts")[0] ?? 0}`);
      return next();
    };

    beforeEach(() => {
      attempts.length = 0;
    });

    async function failing(error: () => Error): Promise<string> {
      const fail = (): never => {
        throw error();
      };
      const methods = { getAccount: fail, openAccount: fail, transfer: fail, listEntries: fail, watch: fail };
      const { address } = await serve(methods, { handlerInterceptors: [count] });
      return connect(address, [["grpc.service_config", withoutTimeouts(SERVICE_CONFIG)]]);
    }

    it("it is accepted as it is", async () => {
      const { address } = await serve({
        listEntries: async function* () {
          yield {};
        },
      });
      const channel = await connect(address, [["grpc.service_config", SERVICE_CONFIG]]);
      expect(await call(channel, `${LEDGER}/ListEntries`, [{}])).toMatchObject({ code: "OK", responses: [{}] });
    });

    it.each([
      ["GetAccount", 3, {}],
      ["Transfer", 5, { requestId: "1", transfer: LAWFUL }],
      ["ListEntries", 1, {}],
      ["Watch", 1, {}],
    ])("%s is attempted %i times on UNAVAILABLE", async (method, expected, request) => {
      const channel = await failing(() => new StoreUnavailableError());
      const seen = await call(channel, `${LEDGER}/${method}`, [request]);
      expect(seen.code).toBe("UNAVAILABLE");
      expect(attempts).toEqual(Array.from({ length: expected }, (_, index) => `${method} ${index}`));
    });

    it("a conflict is tried again after its pushback", async () => {
      const channel = await failing(() => new SerializationConflictError());
      expect(await call(channel, `${LEDGER}/Transfer`, [{ requestId: "1", transfer: LAWFUL }])).toMatchObject({
        code: "ABORTED",
      });
      expect(attempts).toHaveLength(5);
    });

    it("a service that says it isn't healthy gets no calls, which grpc-js doesn't look at", async () => {
      const { server, address } = await serve({ getAccount: async () => ({}) });
      const healthCheckConfig = { serviceName: "ledger.v1.LedgerService" };
      const config = JSON.stringify({ ...JSON.parse(withoutTimeouts(SERVICE_CONFIG)), healthCheckConfig });
      const channel = await connect(address, [["grpc.service_config", config]]);
      const attempt = async () => (await call(channel, `${LEDGER}/GetAccount`, [{}])).code;
      expect(await attempt()).toBe("OK");
      server.health.set("ledger.v1.LedgerService", false);
      await expect.poll(attempt).toBe("UNAVAILABLE");
      server.health.set("ledger.v1.LedgerService", true);
      await expect.poll(attempt).toBe("OK");
    });

    it("a stale anchor is never tried again, although its status is one that is", async () => {
      const channel = await failing(() => new StaleAnchorError({ account: "a", expected: "1", actual: "2" }));
      expect(await call(channel, `${LEDGER}/Transfer`, [{ requestId: "1", transfer: LAWFUL }])).toMatchObject({
        code: "ABORTED",
      });
      expect(attempts).toHaveLength(1);
    });
  });
});

/**
 * The service config without its deadlines, which C-core 1.51 takes for one to two seconds less than they say (it counts
 * them from the last whole second before the process started): see docs/limits.md.
 */
function withoutTimeouts(config: string): string {
  return JSON.stringify(JSON.parse(config, (key, value) => (key === "timeout" ? undefined : value)));
}
