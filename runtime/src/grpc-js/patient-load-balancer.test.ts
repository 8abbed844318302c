import dns from "node:dns";
import { once } from "node:events";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import { ProbeUnavailableError } from "../../test-support/probe-errors.js";
import { type RawHandlers, type RawServer, startRawServer } from "../../test-support/raw-server.js";
import { buildChannel, type Channel, type ChannelInit } from "../channel/channel.js";
import type { MethodConfig } from "../wire/service-config.js";
import { Status } from "../wire/status.js";

const open: { close(): void }[] = [];
let addresses: readonly string[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  for (const resource of open.splice(0).reverse()) {
    resource.close();
  }
});

function answering(id: string, delayMs = 0): RawHandlers {
  return { unary: (_call, callback) => void setTimeout(() => callback(null, { id }), delayMs) };
}

async function backend(host: string, port: number, options: object = {}, delayMs = 0): Promise<RawServer> {
  const server = await startRawServer(answering(host, delayMs), options, `${host}:${port}`);
  open.push(server);
  return server;
}

/** A backend whose connections can be made to carry nothing, as those of a process that is stopped. */
async function freezableBackend(host: string, port: number) {
  const { port: behind } = await backend(host, 0);
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const inner = connect(behind, host);
    for (const each of [socket, inner]) {
      each.on("error", () => {});
      sockets.push(each);
    }
    socket.pipe(inner).pipe(socket);
  });
  server.listen(port, host);
  await once(server, "listening");
  open.push({
    close: () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    },
  });
  return {
    freeze: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    goOn: () => {
      sockets.forEach((socket, index) => {
        // Each has its other end beside it.
        socket.pipe(sockets[index % 2 === 0 ? index + 1 : index - 1] ?? socket);
      });
    },
  };
}

/** A channel that retries nothing, and looks the name up again a while after its last connection is gone. */
function channelTo(port: number, init: Partial<ChannelInit> = {}, methodConfig: MethodConfig[] = []): Channel {
  vi.spyOn(dns.promises, "lookup").mockImplementation((async () =>
    addresses.map((address) => ({ address, family: 4 }))) as never);
  const channel = buildChannel(
    `dns:///patience.test:${port}`,
    { loadBalancingConfig: [{ round_robin: {} }], methodConfig },
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

it("calls don't wait for a look-up that never answers", async () => {
  const only = await backend("127.0.0.1", 0);
  addresses = ["127.0.0.1"];
  const client = probeClient(channelTo(only.port));
  await client.unary({}, { timeoutMs: 10_000 });

  const lookup = vi.spyOn(dns.promises, "lookup").mockImplementation(() => new Promise(() => {}));
  only.close();
  await client.unary({}, { timeoutMs: 10_000 }).catch(() => {});
  await vi.waitFor(() => expect(lookup).toHaveBeenCalled());

  await expect(client.unary({}, { timeoutMs: 60_000 })).rejects.toBeInstanceOf(ProbeUnavailableError);
});

it("the patience isn't begun anew by each attempt that fails", async () => {
  const only = await backend("127.0.0.1", 0);
  addresses = ["127.0.0.1"];
  const extraOptions = { "grpc.initial_reconnect_backoff_ms": 200, "grpc.max_reconnect_backoff_ms": 300 };
  const client = probeClient(channelTo(only.port, { extraOptions }));
  await client.unary({}, { timeoutMs: 10_000 });

  vi.spyOn(dns.promises, "lookup").mockImplementation(() => new Promise(() => {}));
  only.close();
  await client.unary({}, { timeoutMs: 10_000 }).catch(() => {});

  await expect(client.unary({}, { timeoutMs: 60_000 })).rejects.toMatchObject({ status: Status.UNAVAILABLE });
});

describe("where there is nothing to look up", () => {
  const socket = join(tmpdir(), `accord-patience-${process.pid}.sock`);

  it.each([
    ["an address", "127.0.0.1", (port: number) => `127.0.0.1:${port}`],
    ["ipv4:", "127.0.0.1", (port: number) => `ipv4:127.0.0.1:${port}`],
    ["two of ipv4:", "127.0.0.1", (port: number) => `ipv4:127.0.0.1:${port},127.0.0.9:${port}`],
    ["dns: with an address", "127.0.0.1", (port: number) => `dns:///127.0.0.1:${port}`],
    ...(process.platform === "win32" ? [] : [["unix:", `unix:${socket}`, () => `unix:${socket}`] as const]),
  ] as const)("calls wait for nothing when the last backend is gone: %s", async (_kind, host, targetOf) => {
    for (const policy of [{ round_robin: {} }, { pick_first: {} }]) {
      const only = await (host.startsWith("unix:") ? startRawServer(answering(host), {}, host) : backend(host, 0));
      open.push(only);
      const channel = insecureChannel(targetOf(only.port), { loadBalancingConfig: [policy] });
      open.push(channel);
      const client = probeClient(channel);
      expect((await client.unary({}, { timeoutMs: 10_000 })).id).toBe(host);

      // Time stands still from here on: whatever waits for a timer waits for ever.
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      only.close();
      await client.unary({}, { timeoutMs: 60_000 }).catch(() => {});
      await expect(client.unary({}, { timeoutMs: 60_000 })).rejects.toMatchObject({ status: Status.UNAVAILABLE });
      vi.useRealTimers();
    }
  });
});

it("calls keep off a connection that has fallen silent, and those that it holds are answered when it goes on", async () => {
  const well = await backend("127.0.0.1", 0);
  const frozen = await freezableBackend("127.0.0.2", well.port);
  addresses = ["127.0.0.1", "127.0.0.2"];
  const client = probeClient(channelTo(well.port));
  const both = async (): Promise<void> => {
    const ids = await Promise.all([1, 2, 3, 4].map(() => client.unary({}, { timeoutMs: 10_000 })));
    expect(new Set(ids.map(({ id }) => id)).size).toBe(2);
  };
  await vi.waitFor(both, 10_000);

  frozen.freeze();
  const held = Array.from({ length: 4 }, () => client.unary({}, { timeoutMs: 60_000 }));
  await vi.waitFor(async () => {
    const tries = await Promise.all([1, 2, 3, 4].map(() => client.unary({}, { timeoutMs: 200 })));
    expect(tries.map(({ id }) => id)).toEqual(new Array(4).fill("127.0.0.1"));
  }, 20_000);

  frozen.goOn();
  expect((await Promise.all(held)).map(({ id }) => id).sort()).toEqual([
    "127.0.0.1",
    "127.0.0.1",
    "127.0.0.2",
    "127.0.0.2",
  ]);
  await vi.waitFor(both, 10_000);
});

const RETRYING: MethodConfig = {
  name: [{ service: "probe.v1.ProbeService", method: "Unary" }],
  retryPolicy: {
    maxAttempts: 2,
    initialBackoff: "0.010000000s",
    maxBackoff: "0.010000000s",
    backoffMultiplier: 1,
    retryableStatusCodes: ["UNAVAILABLE"],
  },
};

it("calls that may be retried leave a silent connection before their deadline, and say that it isn't the first attempt", async () => {
  const attempts: unknown[] = [];
  const well = await startRawServer(
    {
      unary: (call, callback) => {
        attempts.push(call.metadata.get("grpc-previous-rpc-attempts")[0]);
        callback(null, { id: "127.0.0.1" });
      },
    },
    {},
    "127.0.0.1:0",
  );
  open.push(well);
  const frozen = await freezableBackend("127.0.0.2", well.port);
  addresses = ["127.0.0.1", "127.0.0.2"];
  const client = probeClient(channelTo(well.port, {}, [RETRYING]));
  await vi.waitFor(async () => {
    const ids = await Promise.all([1, 2, 3, 4].map(() => client.unary({}, { timeoutMs: 10_000 })));
    expect(new Set(ids.map(({ id }) => id)).size).toBe(2);
  }, 10_000);
  attempts.length = 0;

  frozen.freeze();
  const calls = Array.from({ length: 20 }, () => client.unary({}, { timeoutMs: 6_000 }));

  // As many as grpc-js's budget of retries would never have let through, had there been one.
  expect((await Promise.all(calls)).map(({ id }) => id)).toEqual(new Array(20).fill("127.0.0.1"));
  expect(attempts.filter((previous) => previous === "1")).toHaveLength(10);
});

it("calls still go to a silent connection when there is no other", async () => {
  const well = await backend("127.0.0.1", 0);
  const frozen = await freezableBackend("127.0.0.2", well.port);
  addresses = ["127.0.0.1", "127.0.0.2"];
  const client = probeClient(channelTo(well.port));
  await vi.waitFor(async () => expect((await client.unary({}, { timeoutMs: 10_000 })).id).toBe("127.0.0.2"), 10_000);
  frozen.freeze();
  await vi.waitFor(async () => {
    const tries = await Promise.all([1, 2, 3, 4].map(() => client.unary({}, { timeoutMs: 200 })));
    expect(tries.map(({ id }) => id)).toEqual(new Array(4).fill("127.0.0.1"));
  }, 20_000);

  well.close();
  // The connection is gone when a call has found out.
  await client.unary({}, { timeoutMs: 500 }).catch(() => {});
  const waiting = client.unary({}, { timeoutMs: 30_000 });
  frozen.goOn();
  expect((await waiting).id).toBe("127.0.0.2");
});

it("a keepalive doesn't end calls on a connection that takes no new ones", async () => {
  const ageing = await backend("127.0.0.1", 0, { "grpc.max_connection_age_ms": 100 }, 1_000);
  addresses = ["127.0.0.1"];
  const client = probeClient(channelTo(ageing.port, { keepalive: { timeMs: 200, timeoutMs: 10_000 } }));

  expect((await client.unary({}, { timeoutMs: 10_000 })).id).toBe("127.0.0.1");
});

it("a server that gets too many pings is told of as such, and asked half as often", async () => {
  const server = createHttp2Server().listen(0, "127.0.0.1");
  open.push({ close: () => server.close() });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.session?.goaway(11, stream.id, Buffer.from("too_many_pings"));
  });
  await once(server, "listening");
  addresses = ["127.0.0.1"];
  const client = probeClient(channelTo((server.address() as AddressInfo).port));

  await expect(client.unary({}, { timeoutMs: 10_000 })).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("too_many_pings"),
  });
});

it("nothing is asked when keepalive is off", async () => {
  let pings = 0;
  const server = createHttp2Server().listen(0, "127.0.0.1");
  open.push({ close: () => server.close() });
  server.on("session", (session: ServerHttp2Session) => session.on("ping", () => (pings += 1)));
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    const message = Buffer.alloc(2 * 1024 * 1024);
    const frame = Buffer.from([0, 0, 0, 0, 0]);
    // `padding`, as long as it takes for the window to be measured.
    const field = Buffer.from([0x22, 0x80, 0x80, 0x80, 0x01]);
    frame.writeUInt32BE(field.length + message.length, 1);
    stream.end(Buffer.concat([frame, field, message]));
  });
  await once(server, "listening");
  addresses = ["127.0.0.1"];
  const { port } = server.address() as AddressInfo;
  for (const [keepalive, isAsked] of [
    ["off", false],
    ["responsive", true],
  ] as const) {
    const client = probeClient(channelTo(port, { keepalive }));
    for (let call = 0; call < 3; call += 1) {
      expect((await client.unary({}, { timeoutMs: 10_000 })).padding).toHaveLength(2 * 1024 * 1024);
    }
    expect(pings > 0).toBe(isAsked);
  }
});
