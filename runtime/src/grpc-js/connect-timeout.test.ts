import dns from "node:dns";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { credentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import { startRawServer } from "../../test-support/raw-server.js";
import type { ChannelInit } from "../channel/channel.js";
import { Status } from "../wire/status.js";
import { CONNECT_TIMEOUT_OPTION, limitConnecting } from "./connect-timeout.js";

type Subchannel = Parameters<typeof limitConnecting>[0];

const open: (() => void)[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  for (const close of open.splice(0).reverse()) {
    close();
  }
});

/** A peer that accepts, and says nothing. */
async function silentPeer(host = "127.0.0.1", port = 0): Promise<{ port: number; sockets: Socket[]; server: Server }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.resume();
  });
  server.listen(port, host);
  await once(server, "listening");
  open.push(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, sockets, server };
}

async function backend(host: string, port: number): Promise<void> {
  const server = await startRawServer(
    { unary: (_call, callback) => callback(null, { id: host }) },
    {},
    `${host}:${port}`,
  );
  open.push(() => server.close());
}

function clientOf(target: string, init: Partial<ChannelInit>, loadBalancingConfig = [{ round_robin: {} }]) {
  const channel = insecureChannel(target, { loadBalancingConfig }, init);
  open.push(() => channel.close());
  return probeClient(channel);
}

describe("a peer that accepts and says nothing", () => {
  it.each([
    ["in clear", credentials.createInsecure()],
    ["instead of TLS's first words", credentials.createSsl()],
  ])("has an attempt's time, %s, and loses its connection", async (_how, channelCredentials) => {
    const peer = await silentPeer();
    const client = clientOf(`127.0.0.1:${peer.port}`, {
      connectTimeoutMs: 100,
      credentials: channelCredentials,
      // Node 26 makes no TLS connection to an address without a name.
      extraOptions: { "grpc.ssl_target_name_override": "silent.test" },
    });

    await expect(client.unary({}, { timeoutMs: 60_000 })).rejects.toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringContaining(`no connection to 127.0.0.1:${peer.port} within 100 ms`),
    });
    await vi.waitFor(() => expect(peer.sockets[0]?.closed).toBe(true), 10_000);
  });

  it("doesn't keep the address from the server that takes its place", async () => {
    const peer = await silentPeer();
    const client = clientOf(`127.0.0.1:${peer.port}`, { connectTimeoutMs: 300 });
    const first = client.unary({}, { timeoutMs: 60_000 }).catch(() => {});
    await vi.waitFor(() => expect(peer.sockets).toHaveLength(1), 10_000);
    // It takes no more connections, and keeps the one that it has.
    peer.server.close();
    await backend("127.0.0.1", peer.port);

    await first;
    await vi.waitFor(async () => expect((await client.unary({}, { timeoutMs: 10_000 })).id).toBe("127.0.0.1"), 20_000);
  });

  it("is tried again beside others that are well", async () => {
    const peer = await silentPeer("127.0.0.2");
    await backend("127.0.0.1", peer.port);
    const lookup = async () => ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
    vi.spyOn(dns.promises, "lookup").mockImplementation(lookup as never);
    const client = clientOf(`dns:///silent.test:${peer.port}`, { connectTimeoutMs: 300 });
    expect((await client.unary({}, { timeoutMs: 10_000 })).id).toBe("127.0.0.1");
    await vi.waitFor(() => expect(peer.sockets).toHaveLength(1), 10_000);
    peer.server.close();
    await backend("127.0.0.2", peer.port);

    await vi.waitFor(async () => expect((await client.unary({}, { timeoutMs: 10_000 })).id).toBe("127.0.0.2"), 20_000);
  });

  it("makes a call whose deadline comes first UNAVAILABLE: it was never sent", async () => {
    const { port } = await silentPeer();
    const client = clientOf(`127.0.0.1:${port}`, {});
    await expect(client.unary({}, { timeoutMs: 200 })).rejects.toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringContaining("No connection before the deadline"),
    });
  });

  it("makes no difference to a call that is to wait for a connection", async () => {
    const { port } = await silentPeer();
    const client = clientOf(`127.0.0.1:${port}`, { connectTimeoutMs: 50 });
    await expect(client.unary({}, { timeoutMs: 200, waitForReady: true })).rejects.toMatchObject({
      status: Status.DEADLINE_EXCEEDED,
    });
  });
});

// A turn of the event loop is a millisecond of this clock's.
const TURNS_MS = 20;

// What grpc-js's subchannel has inside is a stand-in here: no kernel can be made to answer nothing.
describe("an attempt", () => {
  function attempt(connecting: Promise<unknown>, timeoutMs: number) {
    const connect = vi.fn(
      (_address: { host: string; signal?: AbortSignal }, _connector: object, _options: object) => connecting,
    );
    const connector = { connect };
    limitConnecting({ connector, getAddress: () => "10.0.0.1:50051" } as unknown as Subchannel);
    const limited = connector.connect({ host: "10.0.0.1" }, {}, { [CONNECT_TIMEOUT_OPTION]: timeoutMs });
    return { limited, address: connect.mock.calls[0]?.[0] };
  }

  it("has its socket destroyed when its time is over, and not before", async () => {
    vi.useFakeTimers();
    const { limited, address } = attempt(new Promise(() => {}), 5_000);
    const failed = limited.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(address?.signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1 + TURNS_MS);
    expect(address?.signal?.aborted).toBe(true);
    expect(await failed).toMatchObject({
      message: expect.stringMatching(/^no connection to 10\.0\.0\.1:50051 within/),
    });
  });

  it("isn't given up for the time in which this process stands still, as one does that encodes thousands of requests", async () => {
    const transport = {};
    const { limited } = attempt(
      new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(transport)))),
      50,
    );
    const until = performance.now() + 200;
    while (performance.now() < until) {
      // The process is busy.
    }
    expect(await limited).toBe(transport);
  });

  it("that comes about is left alone from then on", async () => {
    vi.useFakeTimers();
    const transport = { shutdown: vi.fn() };
    const { limited, address } = attempt(Promise.resolve(transport), 5_000);
    expect(await limited).toBe(transport);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(address?.signal?.aborted).toBe(false);
    expect(transport.shutdown).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that fails by itself says why", async () => {
    const { limited } = attempt(Promise.reject(new Error("connect ECONNREFUSED")), 5_000);
    await expect(limited).rejects.toThrow("connect ECONNREFUSED");
  });

  it("that comes about too late is given up", async () => {
    vi.useFakeTimers();
    const transport = { shutdown: vi.fn() };
    let arrive: (transport: unknown) => void = () => {};
    const { limited } = attempt(new Promise((resolve) => (arrive = resolve)), 5_000);
    const failed = limited.catch(() => "failed");
    await vi.advanceTimersByTimeAsync(5_000 + TURNS_MS);
    expect(await failed).toBe("failed");
    arrive(transport);
    await vi.advanceTimersByTimeAsync(0);
    expect(transport.shutdown).toHaveBeenCalledOnce();
  });

  it("without a limit is grpc-js's own", async () => {
    const { address } = attempt(new Promise(() => {}), Number.POSITIVE_INFINITY);
    expect(address).toEqual({ host: "10.0.0.1" });
  });
});
