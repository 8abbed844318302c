import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createServer, type GrpcServer } from "../../runtime/src/server/server.js";
import { silentLogger } from "../../runtime/src/testing/call-context.js";
import { insecureChannel, type ProbeClient, probeClient } from "../../runtime/test-support/probe-client.js";
import { bindProbe, TooLowError } from "../../runtime/test-support/probe-service.js";
import { freePort } from "../free-port.js";
import { NotRun } from "../proof/suite.js";
import { PROXIES, type ProxyProgram, startProxy } from "./proxy-program.js";

// Two servers behind a proxy, with the settings of docs/proxies.md, at a hundred calls a second: each server is drained and
// started again, twice, and no call is lost. Errors with large metadata leave unrelated calls alone, and a call that was sent isn't
// sent again.

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

/** How often a call came whose connection breaks, and what breaks it. */
let broken = 0;
const breaks: (() => void)[] = [];

async function startServer(port: number): Promise<GrpcServer> {
  const servicer = {
    unary: async ({ id }: { id: string }) => {
      if (id === "large") {
        throw new TooLowError({ balance: "x".repeat(2_100) });
      }
      if (id === "break") {
        broken += 1;
        for (const end of breaks.splice(0)) {
          end();
        }
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

/** A client of two servers behind a proxy. */
interface World {
  readonly client: ProbeClient;
  /** Drains each server and starts it again, one after the other. */
  restart(): Promise<void>;
}

/** Starts two servers, and a proxy before them. @throws {NotRun} where the proxy can't be had */
async function behind(proxy: ProxyProgram): Promise<World> {
  const servers = new Map<number, GrpcServer>();
  const ports = [await freePort(), await freePort()] as const;
  for (const port of ports) {
    servers.set(port, await startServer(port));
  }
  open.push(() => Promise.all([...servers.values()].map((server) => server.drain("test"))));
  return {
    client: await clientOf(proxy, ports, RETRIES),
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

/** Starts a proxy, and a client that has been answered through it. */
async function clientOf(
  proxy: ProxyProgram,
  backends: readonly [number, number],
  config: object,
): Promise<ProbeClient> {
  const listen = await freePort();
  const running = await startProxy(proxy, listen, backends);
  open.push(() => running.close());
  const channel = insecureChannel(`127.0.0.1:${listen}`, config as never);
  open.push(() => channel.close());
  const client = probeClient(channel);
  // One may listen before it has read all of its settings.
  await expect.poll(() => client.unary({}).then(({ id }) => id), { timeout: 20_000 }).toMatch(/^\d+$/);
  return client;
}

/** What a server's connections go through; its port. They break when a call asks for it. */
async function breakable(port: number): Promise<number> {
  const wire = createTcpServer((near) => {
    const far = connectTcp(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.pipe(to);
      from.on("error", () => {});
      from.on("close", () => to.destroy());
    }
    breaks.push(() => near.destroy());
  });
  wire.listen(0, "127.0.0.1");
  await once(wire, "listening");
  open.push(() => wire.close());
  return (wire.address() as AddressInfo).port;
}

describe.each(PROXIES)("$name", (proxy) => {
  let cantBeHad: string | undefined;
  beforeAll(async () => {
    try {
      await proxy.had();
    } catch (error) {
      if (!(error instanceof NotRun)) {
        throw error;
      }
      cantBeHad = error.message;
      process.stderr.write(`${proxy.name} isn't tried: ${cantBeHad}\n`);
    }
  });
  beforeEach(({ skip }) => skip(cantBeHad !== undefined, cantBeHad));

  it("loses no call in a rolling restart", async () => {
    const { client, restart } = await behind(proxy);
    const { calls, lost, servers } = await callDuring(client, async () => {
      await pause(500);
      await restart();
      await restart();
    });
    process.stderr.write(`${proxy.name}: ${lost.length} of ${calls} calls were lost\n`);
    expect(lost).toEqual([]);
    expect(calls).toBeGreaterThan(100);
    expect(servers.size).toBe(2);
  });

  it("passes on what a stream has, while there is more to come", async () => {
    const { client } = await behind(proxy);
    const seen: string[] = [];
    for await (const { id } of client.serverStream({}, { timeoutMs: 20_000 })) {
      seen.push(id);
      goOn();
    }
    expect(seen).toEqual(["first", "second"]);
  });

  it("leaves other calls alone when one fails with large metadata", async () => {
    const { client } = await behind(proxy);
    const { lost } = await callDuring(client, async () => {
      for (let error = 0; error < 10; error += 1) {
        await expect(client.unary({ id: "large" }, { timeoutMs: 10_000 })).rejects.toMatchObject({ code: "TOO_LOW" });
        await pause(50);
      }
    });
    expect(lost).toEqual([]);
  });

  const denies = proxy.deniesSentCalls === true;
  it(`${denies ? "has clients make" : "doesn't make"} a call again that was sent when its connection breaks`, async () => {
    const ports = [await freePort(), await freePort()] as const;
    const servers = [await startServer(ports[0]), await startServer(ports[1])];
    open.push(() => Promise.all(servers.map((server) => server.drain("test"))));
    const client = await clientOf(proxy, [await breakable(ports[0]), await breakable(ports[1])], {});
    broken = 0;
    for (let call = 0; call < 6; call += 1) {
      await expect(client.unary({ id: "break" }, { timeoutMs: 10_000 })).rejects.toThrow();
      // Both servers are to be had again.
      await pause(1_500);
    }
    expect(broken > 6).toBe(denies);
  });
});
