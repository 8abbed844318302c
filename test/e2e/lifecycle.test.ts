import { once } from "node:events";
import { type AddressInfo, createServer, connect as netConnect } from "node:net";
import { buildChannel, type ServiceConfig } from "@accord-grpc/runtime/codegen/v1";
import { credentials, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LEDGER_V1_SERVICE_CONFIG } from "../../example/src/gen/ledger/v1/channel.js";
import { LedgerUnavailableError } from "../../example/src/gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import {
  Health,
  HealthCheckResponse_ServingStatus as Serving,
} from "../../runtime/src/gen/grpc/health/v1/health_pb.js";
import { certificateFile } from "../../runtime/test-support/certificates.js";
import { RawClient } from "../../runtime/test-support/raw-client.js";
import { RawHttp2 } from "../../runtime/test-support/raw-http2.js";
import type { ChildEvent, ChildProcess } from "./child-process.js";
import { startProgram } from "./node-program.js";

// A generated server's life, from outside: a process of its own, signals, and what its peers see on their sockets.

const LONG_AFTER_THE_TEST = "600000";

const close: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(close.splice(0).map((each) => each()));
});

/** A server that listens. */
interface Running {
  readonly process: ChildProcess;
  readonly address: string;
}

async function launch(...args: readonly string[]): Promise<ChildProcess> {
  const process = await startProgram("e2e/programs/ledger.ts", args);
  close.push(() => process.kill());
  return process;
}

/** Starts a server, and waits until it listens. */
async function start(drainMs = LONG_AFTER_THE_TEST): Promise<Running> {
  const process = await launch("127.0.0.1:0", drainMs);
  const { address } = await process.event(logged("server.started"));
  return { process, address: String(address) };
}

const logged = (message: string) => (event: ChildEvent) => event.event === "log" && event.message === message;
const handling = (what: string) => (event: ChildEvent) => event.event === "handling" && event.what === what;

/** A client as a generated one: it tries calls again as its contract says, unless the config says otherwise. */
function connect(target: string, config: ServiceConfig = LEDGER_V1_SERVICE_CONFIG): LedgerServiceClient {
  const channel = buildChannel(target, config, {
    credentials: credentials.createInsecure(),
    extraOptions: { "grpc.use_local_subchannel_pool": 1 },
  });
  close.push(() => channel.close());
  return new LedgerServiceClient(channel);
}

/** What a server answers is what its caller gets. */
const NO_RETRIES: ServiceConfig = {};

function rawClient(address: string): RawClient {
  const client = new RawClient(address);
  close.push(() => client.close());
  return client;
}

const PATIENT = { timeoutMs: 60_000 };

/** A request side that isn't closed. */
async function* subscribe(account: string) {
  yield { change: { case: "subscribe" as const, value: { accountIds: [account] } } };
  await new Promise(() => {});
}

/** Resolves when no connection is accepted any more. */
async function refused(address: string): Promise<void> {
  const [host = "", port = ""] = address.split(":");
  for (;;) {
    const socket = netConnect(Number(port), host);
    const accepted = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (!accepted) {
      return;
    }
  }
}

const eventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("the call succeeded"),
    (error: unknown) => error,
  );

async function drain(responses: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of responses) {
    count += 1;
  }
  return count;
}

describe("SIGTERM", () => {
  it("tells health watches, then refuses, lets calls in flight finish, and ends with exit code 0", async () => {
    const { process, address } = await start();
    const order: string[] = [];
    const watch = rawClient(address).open(Health.method.watch);
    void watch.send({ service: "ledger.v1.LedgerService" });
    watch.halfClose();
    await vi.waitFor(() => expect(watch.responses).toMatchObject([{ status: Serving.SERVING }]));

    const client = connect(address);
    const inFlight = client.getAccount({ accountId: "wait 400" }, PATIENT).then(() => order.push("answered"));
    const stream = drain(client.listEntries({ accountId: "wait 400" }, PATIENT)).then(() => order.push("streamed"));
    await process.event(handling("wait 400"));
    await vi.waitFor(() => expect(process.events.filter(handling("wait 400"))).toHaveLength(2));

    const nowRefused = refused(address).then(async () => {
      // What was sent before the refusal is here by now, but the refusal's socket may be the first to be looked at.
      await eventLoopTurn();
      await eventLoopTurn();
      order.push(watch.responses.length === 2 ? "refused, and told before" : "refused, and not told");
    });
    process.signal("SIGTERM");
    const exit = process.exited.then(() => order.push("exit"));
    await Promise.all([nowRefused, inFlight, stream, exit]);

    expect(watch.responses[1]).toMatchObject({ status: Serving.NOT_SERVING });
    expect(await watch.seen).toMatchObject({ code: 14 });
    expect(order[0]).toBe("refused, and told before");
    expect(order.slice(1, 3).sort()).toEqual(["answered", "streamed"]);
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(await process.event("closed")).toMatchObject({ reason: "SIGTERM", outcome: "drained", abandoned: 0 });
  });

  it("answers UNAVAILABLE at the end of the grace: to handlers that wait, to deaf ones, to endless streams", async () => {
    const { process, address } = await start("300");
    const client = connect(address, NO_RETRIES);
    const calls = [
      client.getAccount({ accountId: "never" }, PATIENT),
      client.getAccount({ accountId: "deaf" }, PATIENT),
      drain(client.listEntries({ accountId: "never" }, PATIENT)),
      drain(client.listEntries({ accountId: "deaf" }, PATIENT)),
      drain(client.watch(subscribe("never"), PATIENT)),
      drain(client.watch(subscribe("deaf"), PATIENT)),
      // A stream whose handler waits for the next request.
      drain(client.watch(subscribe("nothing"), PATIENT)),
    ].map(failureOf);
    await vi.waitFor(() =>
      expect(process.events.filter(({ event }) => event === "handling")).toHaveLength(calls.length),
    );
    process.signal("SIGTERM");
    for (const error of await Promise.all(calls)) {
      expect(error).toBeInstanceOf(LedgerUnavailableError);
      expect(error).toMatchObject({ code: "UNAVAILABLE", message: "The server is shutting down" });
    }
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(await process.event("closed")).toMatchObject({ outcome: "forced", abandoned: calls.length });
    expect(process.events.filter(({ event }) => event === "told")).toHaveLength(3);
    // Two lines for each call, also for those.
    const lines = process.events.filter(({ event, status }) => event === "log" && status === "UNAVAILABLE");
    expect(lines).toHaveLength(calls.length);
  });

  it("ends the process although peers are frozen, or say nothing at all", async () => {
    const { process, address } = await start("300");
    const frozen = await startProgram("e2e/programs/caller.ts");
    close.push(() => frozen.kill());
    await frozen.ask("connect", { target: address });
    await frozen.ask("watch", { account: "never" });
    await frozen.event("response");
    frozen.signal("SIGSTOP");

    const [host = "", port = ""] = address.split(":");
    const silent = netConnect(Number(port), host).on("error", () => {});
    const halfHttp2 = new RawHttp2(address);
    const unanswered = new RawHttp2(address);
    unanswered.write(RawHttp2.headers("/ledger.v1.LedgerService/Watch"));
    close.push(
      () => silent.destroy(),
      () => halfHttp2.socket.destroy(),
      () => unanswered.socket.destroy(),
    );
    await once(silent, "connect");
    await vi.waitFor(() => expect(process.events.filter(logged("watch.request")).length).toBeGreaterThan(0));

    process.signal("SIGTERM");
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(await process.event("closed")).toMatchObject({ outcome: "forced" });
  });

  it("twice ends the grace at once", async () => {
    const { process, address } = await start();
    const client = connect(address, NO_RETRIES);
    const call = failureOf(client.getAccount({ accountId: "deaf" }, PATIENT));
    await process.event(handling("deaf"));
    process.signal("SIGTERM");
    await process.event(logged("server.draining"));
    process.signal("SIGINT");
    expect(await call).toMatchObject({ code: "UNAVAILABLE" });
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(await process.event("closed")).toMatchObject({ reason: "SIGTERM", outcome: "forced", abandoned: 1 });
    expect(process.events.some(logged("server.forced"))).toBe(true);
  });

  it("to one of two servers loses no call", async () => {
    const servers = [await start(), await start()] as const;
    const client = connect(`ipv4:${servers.map(({ address }) => address).join(",")}`);
    let going = true;
    let answered = 0;
    const caller = async (): Promise<void> => {
      while (going) {
        await client.getAccount({ accountId: "wait 2" }, PATIENT);
        answered += 1;
      }
    };
    const callers = Promise.all(Array.from({ length: 16 }, caller));
    await vi.waitFor(() => expect(answered).toBeGreaterThan(50), { timeout: 30_000 });
    servers[0].process.signal("SIGTERM");
    expect(await servers[0].process.exited).toEqual({ code: 0, signal: null });
    const before = answered;
    await vi.waitFor(() => expect(answered).toBeGreaterThan(before + 50), { timeout: 30_000 });
    going = false;
    await callers;
  });
});

describe("start", () => {
  it("that fails is one line on stderr, and exit code 1", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    close.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    const process = await launch(`127.0.0.1:${port}`);
    expect(await process.exited).toEqual({ code: 1, signal: null });
    expect(process.stderr).toBe(
      `ledger: Can't listen on 127.0.0.1:${port}: something else is listening there. Stop it, or choose another port\n`,
    );
  });

  it.each([
    ["a key that isn't the certificate's", "server-1.pem", "server-2.key", /the private key isn't the certificate's/],
    [
      "a file that isn't there",
      "server-1.pem",
      "nowhere.key",
      /The private key can't be read from .*nowhere\.key: ENOENT/,
    ],
    [
      "a file that is no certificate",
      "server-1.key",
      "server-1.key",
      /The certificate can't be used .*it has no certificate in it/,
    ],
  ])("that fails because of %s is one line on stderr, and exit code 1", async (_what, certificate, key, says) => {
    const files = [certificateFile(certificate), certificateFile(key)];
    const process = await launch("127.0.0.1:0", LONG_AFTER_THE_TEST, "certificate", ...files);
    expect(await process.exited).toEqual({ code: 1, signal: null });
    expect(process.stderr).toMatch(/^ledger: [^\n]*\n$/);
    expect(process.stderr).toMatch(says);
    expect(process.events.some(logged("server.started"))).toBe(false);
  });

  it.each([
    ["a signal that comes as soon as it listens", "signal"],
    ["a signal that comes before it listens", "signal-at-once"],
  ])("with %s ends the process, with exit code 0", async (_what, atStart) => {
    const process = await launch("127.0.0.1:0", LONG_AFTER_THE_TEST, atStart);
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(await process.event("closed")).toMatchObject({ reason: "SIGTERM", outcome: "drained" });
    expect(process.stderr).toBe("");
  });
});

describe("health", () => {
  it("is told by Check, List and Watch, also of services that there aren't", async () => {
    const { process, address } = await start();
    const client = rawClient(address);
    const check = async (service: string) => {
      const { code, responses } = await client.call(Health.method.check, [{ service }]);
      return code === 0 ? responses[0]?.status : code;
    };
    const watch = client.open(Health.method.watch);
    void watch.send({ service: "nobody.v1.NobodyService" });
    watch.halfClose();
    expect(await check("")).toBe(Serving.SERVING);
    expect(await check("nobody.v1.NobodyService")).toBe(status.NOT_FOUND);
    await process.ask("health", { service: "ledger.v1.LedgerService", serving: false });
    expect(await check("ledger.v1.LedgerService")).toBe(Serving.NOT_SERVING);
    expect(await check("ledger.v1.AuditService")).toBe(Serving.SERVING);
    const { responses } = await client.call(Health.method.list, [{}]);
    expect(responses[0]?.statuses["ledger.v1.LedgerService"]).toMatchObject({ status: Serving.NOT_SERVING });
    expect(Object.keys(responses[0]?.statuses ?? {}).sort()).toEqual([
      "",
      "ledger.v1.AuditService",
      "ledger.v1.LedgerService",
    ]);
    // The standard has a Watch of an unknown service wait for it to come.
    expect(watch.responses).toMatchObject([{ status: Serving.SERVICE_UNKNOWN }]);
    process.signal("SIGTERM");
    expect(await watch.seen).toMatchObject({ code: status.UNAVAILABLE });
    expect(await process.exited).toEqual({ code: 0, signal: null });
  });

  it("answers while handlers keep the event loop busy", async () => {
    const { process, address } = await start();
    const order: string[] = [];
    const busy = connect(address)
      .getAccount({ accountId: "burn 9 1 1500" }, PATIENT)
      .then(() => order.push("work"));
    await process.event(handling("burn 9 1 1500"));
    const prober = rawClient(address);
    for (let probe = 0; probe < 10; probe += 1) {
      const { code, responses } = await prober.call(Health.method.check, [{ service: "ledger.v1.LedgerService" }]);
      expect({ code, responses }).toMatchObject({ code: 0, responses: [{ status: Serving.SERVING }] });
      order.push("probe");
    }
    await busy;
    expect(order).toEqual([...Array.from({ length: 10 }, () => "probe"), "work"]);
  });
});
