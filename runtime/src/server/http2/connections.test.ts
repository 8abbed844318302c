import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectTcp, createServer as createTcpServer } from "node:net";
import { connect as connectTls } from "node:tls";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { certificateFile } from "../../../test-support/certificates.js";
import { ProbeService } from "../../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe, type ProbeServicer } from "../../../test-support/probe-service.js";
import { RawClient } from "../../../test-support/raw-client.js";
import { FRAME, RawHttp2 } from "../../../test-support/raw-http2.js";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { MemoryLogger } from "../../testing/index.js";
import { permittedPingInterval } from "../../wire/ping-permission.js";
import { createServer, type GrpcServer, type ServerOptions } from "../server.js";
import { deadlines } from "../transport/deadline-wheel.js";

// What a server does with connections: how long they live, how they leave, and what it takes for one.

const { unary } = ProbeService.method;
const PATH = "/probe.v1.ProbeService/Unary";
const open: (() => unknown)[] = [];
let logger: MemoryLogger;

afterEach(async () => {
  for (const close of open.splice(0).reverse()) {
    await close();
  }
});

function make(options: ServerOptions = {}, servicer: ProbeServicer = { unary: ({ id }) => ({ id }) }): GrpcServer {
  logger = new MemoryLogger();
  const server = createServer([bindProbe(servicer)], { logger, handleSignals: false, drainMs: 0, ...options });
  open.push(() => server.drain("afterEach"));
  return server;
}

async function start(options?: ServerOptions, servicer?: ProbeServicer): Promise<string> {
  return (await make(options, servicer).start("127.0.0.1:0")).address;
}

function raw(address: string): RawHttp2 {
  const peer = new RawHttp2(address);
  open.push(() => peer.socket.destroy());
  return peer;
}

function session(address: string, protocol = "http", options = {}): ClientHttp2Session {
  const client = connect(`${protocol}://${address}`, options);
  client.on("error", () => {});
  open.push(() => client.destroy());
  return client;
}

const wholeCall = (stream: number): Buffer[] => [
  RawHttp2.headers(PATH, stream),
  RawHttp2.emptyMessage(stream),
  RawHttp2.halfClose(stream),
];

describe("a connection", () => {
  it("leaves at its age, when its last call has ended", async () => {
    let finish = (): void => {};
    const answered = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const address = await start(
      { maxConnectionAgeMs: 50 },
      {
        unary: async () => {
          await answered;
          return {};
        },
      },
    );
    const peer = raw(address);
    peer.write(...wholeCall(1));
    await vi.waitFor(() => expect(peer.lastStreams).toEqual([1]));
    expect(peer.socket.readyState).toBe("open");
    finish();
    await vi.waitFor(() => expect(peer.received.filter(({ type }) => type === FRAME.headers)).toHaveLength(2));
  });

  it("ends when its calls run on beyond the grace", async () => {
    const address = await start(
      { maxConnectionAgeMs: 20, maxConnectionAgeGraceMs: 50 },
      { unary: () => new Promise(() => {}) },
    );
    const peer = raw(address);
    peer.write(...wholeCall(1));
    await vi.waitFor(() => expect(peer.socket.closed).toBe(true), 5_000);
  });

  it("leaves when it has had no calls for long, and not while it has one", async () => {
    const address = await start({ maxConnectionIdleMs: 100 }, { unary: () => new Promise(() => {}) });
    const [busy, idle] = [raw(address), raw(address)];
    busy.write(...wholeCall(1));
    await vi.waitFor(() => expect(idle.lastStreams).not.toEqual([]), 5_000);
    expect(busy.lastStreams).toEqual([]);
  });

  it("is given up when its peer says nothing at all, be it asked or not", async () => {
    const address = await start({ keepaliveTimeMs: 50, keepaliveTimeoutMs: 50 });
    const peer = raw(address);
    await vi.waitFor(() => expect(peer.received.some(({ type }) => type === FRAME.ping)).toBe(true), 5_000);
    await vi.waitFor(() => expect(peer.socket.closed).toBe(true), 5_000);
  });

  it("isn't given up while anything comes, though pings stay unanswered", async () => {
    const address = await start({ keepaliveTimeMs: 100, keepaliveTimeoutMs: 200 });
    const peer = raw(address);
    const talking = setInterval(() => peer.write(RawHttp2.settings()), 20);
    open.push(() => clearInterval(talking));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(peer.socket.closed).toBe(false);
  });

  it("ends with too_many_pings when it carries nothing but pings that come too early", async () => {
    const address = await start({ minPingIntervalMs: 60_000 });
    const peer = raw(address);
    for (let count = 0; count < 8; count += 1) {
      peer.write(RawHttp2.ping());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await vi.waitFor(() => expect(peer.socket.closed).toBe(true), 5_000);
    const goaway = peer.received.find(({ type }) => type === FRAME.goAway);
    expect(goaway?.payload.readUInt32BE(4)).toBe(11);
    expect(goaway?.payload.subarray(8).toString()).toBe("too_many_pings");
  });

  it("may ping as it likes while it gets answers", async () => {
    const address = await start({ minPingIntervalMs: 60_000 });
    const peer = raw(address);
    for (let stream = 1; stream < 40; stream += 2) {
      peer.write(...wholeCall(stream), RawHttp2.ping());
      await vi.waitFor(() =>
        expect(peer.received.filter((frame) => frame.type === FRAME.headers && frame.stream === stream)).toHaveLength(
          2,
        ),
      );
    }
    expect(peer.socket.closed).toBe(false);
  });

  it("leaves before its peer has reset as many calls as Node permits", async () => {
    let calls = 0;
    const address = await start(
      {},
      {
        unary: () => {
          calls += 1;
          return new Promise(() => {});
        },
      },
    );
    const peer = raw(address);
    for (let stream = 1; stream < 2_400 && peer.lastStreams.length === 0; stream += 2) {
      peer.write(...wholeCall(stream), RawHttp2.reset(stream, 8));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(peer.lastStreams.length).toBeGreaterThan(0), 5_000);
    const goaway = peer.received.find(({ type }) => type === FRAME.goAway);
    // NO_ERROR: what its other calls are doing, they may do to their end.
    expect(goaway?.payload.readUInt32BE(4)).toBe(0);
    expect(calls).toBeGreaterThan(100);
    expect(calls).toBeLessThan(1_200);
  });
});

describe("a server", () => {
  it.skipIf(process.platform === "win32")(
    "listens on several addresses, or on none, on Unix sockets, too",
    async () => {
      const server = make();
      const bound = await server.start(["127.0.0.1:0", "[::1]:0", `unix:/tmp/accord-several-${process.pid}.sock`]);
      expect(bound).toHaveLength(3);
      for (const { address } of bound) {
        const client = new RawClient(address);
        expect((await client.call(unary, [{ id: "a" }])).responses[0]?.id).toBe("a");
        client.close();
      }
      const other = make();
      await expect(other.start(["127.0.0.1:0", bound[0]?.address ?? ""])).rejects.toThrow(
        "something else is listening",
      );
      await other.start(["127.0.0.1:0"]);
    },
  );

  it("says on a connection that it leaves before a health watch on it ends", async () => {
    const server = make();
    const { address } = await server.start("127.0.0.1:0");
    const client = session(address);
    const watch = client.request({
      ":method": "POST",
      ":path": `/${Health.typeName}/Watch`,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const seen: string[] = [];
    client.on("goaway", (code) => seen.push(`goaway ${code}`));
    watch.on("trailers", (trailers) => seen.push(`status ${trailers["grpc-status"]}`));
    watch.end(Buffer.alloc(5));
    await once(watch, "data");
    const closed = once(watch, "close");
    await server.drain();
    await closed;
    // Another GOAWAY may come when the session itself ends.
    expect(seen.slice(0, 2)).toEqual(["goaway 0", "status 14"]);
  });

  it("serves connections that were made elsewhere, and ends with them", async () => {
    const server = make();
    const elsewhere = createTcpServer((socket) => void server.accept(socket));
    elsewhere.listen(0, "127.0.0.1");
    await once(elsewhere, "listening");
    open.push(() => elsewhere.close());
    const bound = elsewhere.address();
    const client = new RawClient(`127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`);
    open.push(() => client.close());
    expect((await client.call(unary, [{ id: "a" }])).responses[0]?.id).toBe("a");
    expect(await server.drain()).toMatchObject({ outcome: "drained" });
  });

  it.each([
    ["interceptors", [], "handlerInterceptors"],
    ["credentials", {}, "tls: { cert, key }"],
    ["extraOptions", {}, "maxConcurrentStreams"],
  ])("refuses grpc-js's `%s`, and says what to write instead", (name, value, instead) => {
    expect(() => createServer([], { [name]: value } as ServerOptions)).toThrow(TypeError);
    expect(() => createServer([], { [name]: value } as ServerOptions)).toThrow(instead);
  });
});

describe("TLS", () => {
  const tls = { cert: certificateFile("server-1.pem"), key: certificateFile("server-1.key") };
  const ca = certificateFile("ca.pem");

  it("takes HTTP/2 by ALPN, and nothing else", async () => {
    const address = await start({ tls });
    const [host, port] = address.split(":");
    for (const [ALPNProtocols, agreed] of [
      [["h2"], "h2"],
      [["http/1.1", "h2"], "h2"],
    ] as const) {
      const socket = connectTls({
        host,
        port: Number(port),
        ALPNProtocols: [...ALPNProtocols],
        rejectUnauthorized: false,
      });
      await once(socket, "secureConnect");
      expect(socket.alpnProtocol).toBe(agreed);
      socket.destroy();
    }
    for (const ALPNProtocols of [["http/1.1"], undefined]) {
      const socket = connectTls({
        host,
        port: Number(port),
        rejectUnauthorized: false,
        ...(ALPNProtocols && { ALPNProtocols }),
      });
      socket.on("error", () => {});
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
    }
  });

  it.each(["TLSv1.1", "TLSv1"] as const)("refuses %s", async (version) => {
    const [host, port] = (await start({ tls })).split(":");
    const socket = connectTls({
      host,
      port: Number(port),
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    await expect(once(socket, "secureConnect")).rejects.toThrow();
  });

  it("isn't troubled by what isn't TLS", async () => {
    const address = await start({ tls });
    const [host = "", port] = address.split(":");
    for (const bytes of ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", ""]) {
      const socket = connectTcp(Number(port), host);
      socket.on("error", () => {});
      socket.end(bytes);
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
    }
    const { readFileSync } = await import("node:fs");
    const client = session(address, "https", { ca: readFileSync(ca), checkServerIdentity: () => undefined });
    await once(client, "connect");
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });
});

describe("a bomb to the server's own services", () => {
  it("is unpacked to 64 KiB, and no further", async () => {
    const address = await start();
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    const client = session(address);
    const stream = client.request({
      ":method": "POST",
      ":path": `/${Health.typeName}/Check`,
      "content-type": "application/grpc",
      "grpc-encoding": "gzip",
      te: "trailers",
    });
    const head = Buffer.alloc(5);
    head.writeUInt8(1, 0);
    head.writeUInt32BE(bomb.byteLength, 1);
    stream.on("error", () => {});
    stream.end(Buffer.concat([head, bomb]));
    const [headers] = await once(stream, "response");
    expect(headers["grpc-status"]).toBe("8");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  });
});

describe("time and room for requests", () => {
  it("a message that isn't complete in time ends its call", async () => {
    const address = await start(
      { requestTimeoutMs: 50 },
      {
        clientStream: async (requests) => {
          for await (const _ of requests);
          return {};
        },
      },
    );
    const peer = raw(address);
    peer.write(
      RawHttp2.headers("/probe.v1.ProbeService/ClientStream"),
      Buffer.from([0, 0, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
    );
    await vi.waitFor(() => expect(peer.received.some(({ type }) => type === FRAME.headers)).toBe(true), 5_000);
    peer.socket.destroy();
    await vi.waitFor(() =>
      expect(logger.lines.find(({ message }) => message === "clientStream.response")?.fields).toMatchObject({
        error: "The request wasn't complete within 50 ms",
      }),
    );
  });

  it.each([
    ["has the time anew whenever 64 KiB more have come", 1024 * 1024, 14],
    ["has it once if it is small", 32 * 1024, 0],
  ])("a message %s", async (_name, bytes, atLeast) => {
    const set = vi.spyOn(deadlines, "set");
    const client = new RawClient(await start());
    open.push(() => client.close());
    const call = client.open(ProbeService.method.unary);
    await call.send({ padding: new Uint8Array(bytes) });
    call.halfClose();
    expect((await call.seen).code).toBe(0);
    const times = set.mock.calls.filter(([, inMs]) => inMs === 60_000).length;
    set.mockRestore();
    expect(times).toBeGreaterThan(atLeast);
    expect(times).toBeLessThanOrEqual(atLeast + 4);
  });

  it("so does the request of a method that takes one, if it doesn't come", async () => {
    const address = await start({ requestTimeoutMs: 50 });
    const peer = raw(address);
    peer.write(RawHttp2.headers(PATH));
    await vi.waitFor(() => expect(peer.received.some(({ type }) => type === FRAME.headers)).toBe(true), 5_000);
  });
});

describe("flow control", () => {
  const MiB = 1024 * 1024;

  it("says with the first call how often the server permits pings, and not before", async () => {
    const address = await start({ minPingIntervalMs: 2_500 });
    const peer = raw(address);
    await vi.waitFor(() => expect(peer.received.some(({ type }) => type === FRAME.settings)).toBe(true));
    const pings = () => peer.received.filter(({ type, flags }) => type === FRAME.ping && flags === 0);
    expect(pings()).toEqual([]);
    peer.write(...wholeCall(1), ...wholeCall(3));
    await vi.waitFor(() => expect(peer.received.filter(({ stream }) => stream === 3).length).toBeGreaterThan(1));
    expect(pings().map(({ payload }) => permittedPingInterval(payload))).toEqual([2_500]);
  });

  it("begins with the window that the options say", async () => {
    const client = session(await start({ initialWindowBytes: MiB }));
    await once(client, "remoteSettings");
    expect(client.remoteSettings.initialWindowSize).toBe(MiB);
    expect(() => make({ initialWindowBytes: 1 })).toThrow(/initialWindowBytes must be a whole number of bytes/);
  });

  it("streams that nobody reads get what the options say, whatever the peer would send", async () => {
    const address = await start({}, { clientStream: () => new Promise(() => {}) });
    const client = session(address);
    const path = `/probe.v1.ProbeService/ClientStream`;
    const streams = Array.from({ length: 50 }, () => {
      const stream = client.request({ ":method": "POST", ":path": path, "content-type": "application/grpc" });
      stream.on("error", () => {});
      stream.write(Buffer.alloc(MiB));
      return stream;
    });
    await vi.waitFor(() => expect(client.socket.bytesWritten).toBeGreaterThan(streams.length * 65_535));
    await new Promise<void>((resolve) => client.ping(() => resolve()));
    expect(client.socket.bytesWritten).toBeLessThan(streams.length * 65_535 * 1.01);
  });
});
