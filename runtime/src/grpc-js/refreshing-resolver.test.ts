import dns from "node:dns";
import { credentials, experimental } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import { type RawServer, startRawServer } from "../../test-support/raw-server.js";
import { buildChannel, type Channel } from "../channel/channel.js";
import { REFRESH_OPTION, REFRESHING_SCHEME, registerRefreshingResolver } from "./refreshing-resolver.js";

// Names are looked up with `dns.promises.lookup`, which the tests answer.

const open: { close(): void }[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const resource of open.splice(0).reverse()) {
    resource.close();
  }
});

async function backend(address: string, port = 0): Promise<RawServer> {
  const server = await startRawServer(
    { unary: (_call, callback) => callback(null, { id: address }) },
    {},
    `${address}:${port}`,
  );
  open.push(server);
  return server;
}

function namesResolveTo(addresses: () => readonly string[]) {
  return vi.spyOn(dns.promises, "lookup").mockImplementation((async () => {
    const found = addresses();
    if (found.length === 0) {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    }
    return found.map((address) => ({ address, family: 4 }));
  }) as never);
}

function channelTo(target: string, dnsRefreshMs: number): Channel {
  const channel = buildChannel(
    target,
    { loadBalancingConfig: [{ round_robin: {} }] },
    {
      credentials: credentials.createInsecure(),
      dnsRefreshMs,
      extraOptions: { "grpc.dns_min_time_between_resolutions_ms": 10, "grpc.initial_reconnect_backoff_ms": 10 },
    },
  );
  open.push(channel);
  return channel;
}

async function seen(client: ProbeClient, calls = 10): Promise<string[]> {
  const ids = new Set<string>();
  for (let call = 0; call < calls; call += 1) {
    ids.add((await client.unary({}, { timeoutMs: 2_000 })).id);
  }
  return [...ids].sort();
}

describe("a channel", () => {
  it("finds a backend that joins while all is well", async () => {
    const { port } = await backend("127.0.0.1");
    await backend("127.0.0.2", port);
    let addresses = ["127.0.0.1"];
    const lookup = namesResolveTo(() => addresses);
    const client = probeClient(channelTo(`dns:///ledger.test:${port}`, 50));
    expect(await seen(client)).toEqual(["127.0.0.1"]);
    addresses = ["127.0.0.1", "127.0.0.2"];
    await vi.waitFor(async () => expect(await seen(client)).toEqual(["127.0.0.1", "127.0.0.2"]), 10_000);
    expect(lookup).toHaveBeenCalledWith("ledger.test", expect.anything());
  });

  it("doesn't look up names on its own when told not to", async () => {
    const { port } = await backend("127.0.0.1");
    const lookup = namesResolveTo(() => ["127.0.0.1"]);
    const client = probeClient(channelTo(`ledger.test:${port}`, Number.POSITIVE_INFINITY));
    await seen(client);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  it("keeps its backends while the name can't be looked up", async () => {
    const { port } = await backend("127.0.0.1");
    let addresses = ["127.0.0.1"];
    const lookup = namesResolveTo(() => addresses);
    const client = probeClient(channelTo(`ledger.test:${port}`, 20));
    await seen(client);
    addresses = [];
    lookup.mockClear();
    await vi.waitFor(() => expect(lookup.mock.calls.length).toBeGreaterThan(3), 10_000);
    expect(await seen(client)).toEqual(["127.0.0.1"]);
  });

  it("doesn't look up names any more when it is closed", async () => {
    const { port } = await backend("127.0.0.1");
    const lookup = namesResolveTo(() => ["127.0.0.1"]);
    const channel = channelTo(`ledger.test:${port}`, 20);
    await seen(probeClient(channel));
    await vi.waitFor(() => expect(lookup.mock.calls.length).toBeGreaterThan(2), 10_000);
    channel.close();
    lookup.mockClear();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lookup).not.toHaveBeenCalled();
  });
});

describe("the resolver", () => {
  function resolver(listener: experimental.ResolverListener): experimental.Resolver {
    registerRefreshingResolver();
    const made = experimental.createResolver({ scheme: REFRESHING_SCHEME, path: "ledger.test:1" }, listener, {
      [REFRESH_OPTION]: 20,
      "grpc.dns_min_time_between_resolutions_ms": 1,
      "grpc.initial_reconnect_backoff_ms": 1,
    });
    open.push({ close: () => made.destroy() });
    return made;
  }

  it("tells only what is new, whatever the order", async () => {
    let addresses = ["127.0.0.1", "127.0.0.2"];
    const lookup = namesResolveTo(() => {
      addresses = addresses.toReversed();
      return addresses;
    });
    const listener = vi.fn(() => true);
    resolver(listener).updateResolution();
    await vi.waitFor(() => expect(lookup.mock.calls.length).toBeGreaterThan(4), 10_000);
    expect(listener).toHaveBeenCalledTimes(1);
    addresses = ["127.0.0.3"];
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(2), 10_000);
  });

  it("tells of a failure only if it was asked, and then always", async () => {
    let addresses = ["127.0.0.1"];
    const lookup = namesResolveTo(() => addresses);
    const listener = vi.fn((endpoints: { readonly ok: boolean }) => endpoints.ok);
    const asked = resolver(listener);
    asked.updateResolution();
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), 10_000);
    addresses = [];
    lookup.mockClear();
    await vi.waitFor(() => expect(lookup.mock.calls.length).toBeGreaterThan(3), 10_000);
    expect(listener).toHaveBeenCalledTimes(1);
    asked.updateResolution();
    await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(2), 10_000);
    expect(listener.mock.lastCall?.[0].ok).toBe(false);
  });

  it("tells everything again that its load balancer didn't accept", async () => {
    namesResolveTo(() => ["127.0.0.1"]);
    const listener = vi.fn(() => false);
    resolver(listener).updateResolution();
    await vi.waitFor(() => expect(listener.mock.calls.length).toBeGreaterThan(2), 10_000);
  });

  it("holds up no process that would end", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    namesResolveTo(() => ["127.0.0.1"]);
    const before = timers();
    const listener = vi.fn(() => true);
    resolver(listener).updateResolution();
    expect(timers()).toBe(before);
  });
});
