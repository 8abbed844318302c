import { afterEach, describe, expect, it } from "vitest";
import { createServer, type GrpcServer } from "../../runtime/src/server/server.js";
import { silentLogger } from "../../runtime/src/testing/call-context.js";
import { insecureChannel, type ProbeClient, probeClient } from "../../runtime/test-support/probe-client.js";
import { bindProbe, TooLowError } from "../../runtime/test-support/probe-service.js";
import { freePort } from "../free-port.js";
import { NotRun } from "../proof/suite.js";
import { PROXIES, type ProxyProgram, startProxy } from "./proxy-program.js";

// Two servers behind a proxy, with the settings of docs/proxies.md, at a hundred calls a second: each server is drained and
// started again, twice, and no call is lost. Errors with large metadata leave unrelated calls alone.

const CALLS_PER_SECOND = 100;

const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) {
    await close();
  }
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets the stream that waits send its second response. */
let goOn: () => void = () => {};

async function startServer(port: number): Promise<GrpcServer> {
  const servicer = {
    unary: async ({ id }: { id: string }) => {
      if (id === "large") {
        throw new TooLowError({ balance: "x".repeat(2_100) });
      }
      await pause(20);
      return { id: String(port) };
    },
  };
  const streaming = {
    async *serverStream() {
      yield { id: "first" };
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield { id: "second" };
    },
  };
  const server = createServer([bindProbe({ ...servicer, ...streaming })], {
    logger: silentLogger,
    handleSignals: false,
    drainMs: 5_000,
  });
  await server.start(`127.0.0.1:${port}`);
  return server;
}

const RETRIES = {
  methodConfig: [
    {
      name: [{ service: "probe.v1.ProbeService", method: "Unary" }],
      retryPolicy: {
        maxAttempts: 5,
        initialBackoff: "0.100000000s",
        maxBackoff: "2.000000000s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
  retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
} as const;

interface Counts {
  readonly calls: number;
  readonly lost: readonly string[];
  readonly servers: ReadonlySet<string>;
}

/** Calls at a steady rate until `work` is done. */
async function callDuring(client: ProbeClient, work: () => Promise<void>): Promise<Counts> {
  const lost: string[] = [];
  const servers = new Set<string>();
  const calls: Promise<void>[] = [];
  const timer = setInterval(() => {
    const call = client.unary({}, { timeoutMs: 10_000 }).then(
      ({ id }) => void servers.add(id),
      (error: unknown) => void lost.push(String(error)),
    );
    calls.push(call);
  }, 1_000 / CALLS_PER_SECOND);
  await work();
  clearInterval(timer);
  await Promise.all(calls);
  return { calls: calls.length, lost, servers };
}

async function behind(proxy: ProxyProgram) {
  const [listen, first, second] = [await freePort(), await freePort(), await freePort()];
  const servers = new Map<number, GrpcServer>();
  for (const port of [first, second]) {
    servers.set(port, await startServer(port));
  }
  open.push(() => Promise.all([...servers.values()].map((server) => server.drain("test"))));
  const running = await startProxy(proxy, listen, [first, second]);
  open.push(() => running.close());
  const channel = insecureChannel(`127.0.0.1:${listen}`, RETRIES as never);
  open.push(() => channel.close());
  return {
    client: probeClient(channel),
    restart: async (): Promise<void> => {
      for (const [port, server] of servers) {
        await server.drain("restart");
        await pause(500);
        servers.set(port, await startServer(port));
        await pause(1_500);
      }
    },
  };
}

describe.each(PROXIES)("$name", (proxy) => {
  async function run(play: (world: Awaited<ReturnType<typeof behind>>) => Promise<void>): Promise<void> {
    let world: Awaited<ReturnType<typeof behind>>;
    try {
      world = await behind(proxy);
    } catch (error) {
      if (error instanceof NotRun) {
        process.stderr.write(`${proxy.name} isn't tried: ${error.message}\n`);
        return;
      }
      throw error;
    }
    await play(world);
  }

  it("loses no call in a rolling restart", () =>
    run(async ({ client, restart }) => {
      const { calls, lost, servers } = await callDuring(client, async () => {
        await pause(500);
        await restart();
        await restart();
      });
      process.stderr.write(`${proxy.name}: ${lost.length} of ${calls} calls were lost\n`);
      expect(lost).toEqual([]);
      expect(calls).toBeGreaterThan(100);
      expect(servers.size).toBe(2);
    }));

  it("passes on what a stream has, while there is more to come", () =>
    run(async ({ client }) => {
      const seen: string[] = [];
      for await (const { id } of client.serverStream({}, { timeoutMs: 20_000 })) {
        seen.push(id);
        goOn();
      }
      expect(seen).toEqual(["first", "second"]);
    }));

  it("leaves other calls alone when one fails with large metadata", () =>
    run(async ({ client }) => {
      const { lost } = await callDuring(client, async () => {
        for (let error = 0; error < 10; error += 1) {
          await expect(client.unary({ id: "large" }, { timeoutMs: 10_000 })).rejects.toMatchObject({ code: "TOO_LOW" });
          await pause(50);
        }
      });
      expect(lost).toEqual([]);
    }));
});
