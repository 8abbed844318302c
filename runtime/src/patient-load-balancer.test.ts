import dns from "node:dns";
import { credentials } from "@grpc/grpc-js";
import { afterEach, expect, it, vi } from "vitest";
import { buildChannel, type Channel, type ChannelInit } from "./channel.js";
import { probeClient } from "./probe-client.test-support.js";
import { ProbeUnavailableError } from "./probe-errors.test-support.js";
import { type RawServer, startRawServer } from "./raw-server.test-support.js";

const open: { close(): void }[] = [];
let addresses: readonly string[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const resource of open.splice(0).reverse()) {
    resource.close();
  }
});

async function backend(host: string, port: number, options: object = {}, delayMs = 0): Promise<RawServer> {
  const server = await startRawServer(
    { unary: (_call, callback) => void setTimeout(() => callback(null, { id: host }), delayMs) },
    options,
    `${host}:${port}`,
  );
  open.push(server);
  return server;
}

/** A channel that retries nothing, and looks the name up again a while after its last connection is gone. */
function channelTo(port: number, init: Partial<ChannelInit> = {}): Channel {
  vi.spyOn(dns.promises, "lookup").mockImplementation((async () =>
    addresses.map((address) => ({ address, family: 4 }))) as never);
  const channel = buildChannel(
    `dns:///patience.test:${port}`,
    { loadBalancingConfig: [{ round_robin: {} }] },
    {
      credentials: credentials.createInsecure(),
      dnsRefreshMs: Number.POSITIVE_INFINITY,
      extraOptions: { "grpc.dns_min_time_between_resolutions_ms": 500 },
      ...init,
    },
  );
  open.push(channel);
  return channel;
}

it("calls wait for the next addresses when all backends are replaced at once", async () => {
  const old = await backend("127.0.0.1", 0);
  const { port } = old;
  await backend("127.0.0.2", port);
  addresses = ["127.0.0.1"];
  const client = probeClient(channelTo(port));
  expect((await client.unary({}, { timeoutMs: 10_000 })).id).toBe("127.0.0.1");

  addresses = ["127.0.0.2"];
  old.close();
  // The connection is gone when this call has failed or gone elsewhere.
  await client.unary({}, { timeoutMs: 10_000 }).catch(() => {});
  const calls = Array.from({ length: 10 }, () => client.unary({}, { timeoutMs: 10_000 }));

  expect((await Promise.all(calls)).map(({ id }) => id)).toEqual(new Array(10).fill("127.0.0.2"));
});

it("calls fail when the look-up has nothing new to offer", async () => {
  const only = await backend("127.0.0.1", 0);
  addresses = ["127.0.0.1"];
  const client = probeClient(channelTo(only.port));
  await client.unary({}, { timeoutMs: 10_000 });

  only.close();

  await expect(client.unary({}, { timeoutMs: 10_000 })).rejects.toBeInstanceOf(ProbeUnavailableError);
  await expect(client.unary({}, { timeoutMs: 10_000 })).rejects.toBeInstanceOf(ProbeUnavailableError);
});

it("a keepalive doesn't end calls on a connection that takes no new ones", async () => {
  const ageing = await backend("127.0.0.1", 0, { "grpc.max_connection_age_ms": 100 }, 1_000);
  addresses = ["127.0.0.1"];
  const client = probeClient(channelTo(ageing.port, { keepalive: { timeMs: 200, timeoutMs: 10_000 } }));

  expect((await client.unary({}, { timeoutMs: 10_000 })).id).toBe("127.0.0.1");
});
