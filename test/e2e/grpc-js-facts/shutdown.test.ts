import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LedgerService } from "../../../example/src/gen/ledger/v1/ledger_pb.js";
import { Health } from "../../../runtime/src/gen/grpc/health/v1/health_pb.js";
import { RawClient } from "../../../runtime/test-support/raw-client.js";
import { failureOf, ledgerClient, ledgerServer } from "./ledger.js";
import { Opened, PlainClient, plainServer } from "./plain-grpc.js";

// How grpc-js ends a server, and what we do about it.

const opened = new Opened();
afterEach(() => opened.close());

const port = (address: string): number => Number(address.split(":")[1]);

/** What a promise has come to after a while. */
async function after(ms: number, promise: Promise<unknown>): Promise<"settled" | "pending"> {
  return Promise.race([promise.then(() => "settled" as const), delay(ms, "pending" as const)]);
}

const untilOver = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve()));

describe("tryShutdown waits without limit", () => {
  it("for open streams, and for peers that never close their socket", async () => {
    const withStream = await plainServer(opened, { serverStream: (call) => void call.write(Buffer.alloc(1)) });
    const stream = new PlainClient(opened, withStream.target).openServerStream();
    stream.on("error", () => {});
    await once(stream, "data");
    const withSocket = await plainServer(opened, {});
    const socket = connect(withSocket.port, "127.0.0.1").on("error", () => {});
    opened.add(() => socket.destroy());
    await once(socket, "connect");
    // Until the server has the connection too.
    await delay(50);
    for (const { server } of [withStream, withSocket]) {
      const shutDown = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      expect(await after(300, shutDown)).toBe("pending");
    }
  });

  it("and a generated server ends all the same", async () => {
    const { server, address } = await ledgerServer(
      opened,
      {
        listEntries: async function* (_, context) {
          yield {};
          await untilOver(context.signal);
        },
      },
      { drainMs: 100 },
    );
    const socket = connect(port(address), "127.0.0.1").on("error", () => {});
    opened.add(() => socket.destroy());
    await once(socket, "connect");
    const stream = ledgerClient(opened, address).listEntries({})[Symbol.asyncIterator]();
    await stream.next();
    const ended = failureOf(stream.next());
    expect(await server.drain()).toMatchObject({ outcome: "forced", abandoned: 1 });
    expect(await ended).toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("forceShutdown and drain reach clients as CANCELLED, which no policy retries", () => {
  it("in grpc-js", async () => {
    let running = 0;
    const { server, target } = await plainServer(opened, {
      unary: () => {
        running += 1;
      },
    });
    const call = new PlainClient(opened, target).unary();
    await vi.waitFor(() => expect(running).toBe(1));
    server.forceShutdown();
    expect(await call).toMatchObject({ code: status.CANCELLED });
  });

  it("and a generated server answers UNAVAILABLE before it forces anything", async () => {
    let running = 0;
    const { server, address } = await ledgerServer(
      opened,
      {
        getAccount: () => {
          running += 1;
          return new Promise(() => {});
        },
        listEntries: async function* () {
          running += 1;
          await new Promise(() => {});
          yield {};
        },
      },
      { drainMs: 50 },
    );
    const client = new RawClient(address);
    opened.add(() => client.close());
    const calls = [
      client.call(LedgerService.method.getAccount, [{}]),
      client.call(LedgerService.method.listEntries, [{}]),
    ];
    await vi.waitFor(() => expect(running).toBe(2));
    await server.drain();
    for (const { code, details } of await Promise.all(calls)) {
      expect({ code, details }).toEqual({ code: status.UNAVAILABLE, details: "The server is shutting down" });
    }
  });
});

it("a health Watch, which grpc-health-check never ends, is told and ended by a generated server, and holds up nothing", async () => {
  const { server, address } = await ledgerServer(opened, {}, { drainMs: 600_000 });
  const client = new RawClient(address);
  opened.add(() => client.close());
  const watch = client.open(Health.method.watch);
  void watch.send({});
  watch.halfClose();
  await vi.waitFor(() => expect(watch.responses).toHaveLength(1));
  expect(await server.drain()).toMatchObject({ outcome: "drained" });
  expect(await watch.seen).toMatchObject({ code: status.UNAVAILABLE });
  expect(watch.responses).toHaveLength(2);
});

describe("drain keeps listening", () => {
  it("in grpc-js", async () => {
    const { server, port, target } = await plainServer(opened, {
      unary: (_call, callback) => callback(null, Buffer.alloc(0)),
    });
    server.drain(target, 50);
    const socket = connect(port, "127.0.0.1");
    opened.add(() => socket.destroy());
    await once(socket, "connect");
  });

  it("and a generated server refuses connections from then on, while its calls go on", async () => {
    let finish: (() => void) | undefined;
    const { server, address } = await ledgerServer(
      opened,
      {
        getAccount: () =>
          new Promise((resolve) => {
            finish = () => resolve({});
          }),
      },
      { drainMs: 60_000 },
    );
    const call = ledgerClient(opened, address).getAccount({}, { timeoutMs: 60_000 });
    await vi.waitFor(() => expect(finish).toBeDefined());
    const drained = server.drain();
    await vi.waitFor(async () => {
      const socket = connect(port(address), "127.0.0.1");
      const accepted = await once(socket, "connect").then(
        () => true,
        () => false,
      );
      socket.destroy();
      expect(accepted).toBe(false);
    });
    finish?.();
    await expect(call).resolves.toBeDefined();
    expect(await drained).toMatchObject({ outcome: "drained" });
  });
});
