import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, createServer as createTcpServer } from "node:net";
import { status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe, type ProbeServicer } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { FRAME, RawHttp2 } from "../../test-support/raw-http2.js";
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from "../gen/grpc/health/v1/health_pb.js";
import { MemoryLogger } from "../testing/index.js";
import { createServer, type GrpcServer, type ServerOptions } from "./server.js";

const { unary, clientStream, serverStream } = ProbeService.method;
const ANY_PORT = "127.0.0.1:0";

const servers: GrpcServer[] = [];
const clients: RawClient[] = [];
let logger = new MemoryLogger();

afterEach(async () => {
  for (const client of clients.splice(0)) {
    client.close();
  }
  await Promise.all(servers.splice(0).map((server) => server.drain("afterEach")));
});

function make(servicer: ProbeServicer, options: ServerOptions = {}): GrpcServer {
  logger = new MemoryLogger();
  const server = createServer([bindProbe(servicer)], { logger, handleSignals: false, drainMs: 60_000, ...options });
  servers.push(server);
  return server;
}

function clientOf(address: string): RawClient {
  const client = new RawClient(address);
  clients.push(client);
  return client;
}

/** A handler that answers when it is told to, and says when it has been called. */
function gated() {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const state = { calls: 0, signals: [] as AbortSignal[] };
  const servicer: ProbeServicer = {
    unary: async ({ id }, context) => {
      state.calls += 1;
      state.signals.push(context.signal);
      await gate;
      return { id };
    },
  };
  return { servicer, open, state };
}

describe("start", () => {
  it("says in one line that the port is in use, and can be tried again", async () => {
    const other = createTcpServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const server = make({ unary: () => ({ id: "here" }) });
    await expect(server.start(`127.0.0.1:${port}`)).rejects.toThrow(
      `Can't listen on 127.0.0.1:${port}: something else is listening there. Stop it, or choose another port`,
    );
    const bound = await server.start(ANY_PORT);
    expect((await clientOf(bound.address).call(unary, [{}])).responses[0]?.id).toBe("here");
    other.close();
  });

  it.each(["50051", "localhost", "127.0.0.1:x", "127.0.0.1:70000", ":50051", ""])(
    "refuses the address %j",
    async (address) => {
      await expect(make({}).start(address)).rejects.toThrow(`Can't listen on "${address}": it should look like`);
    },
  );

  it.skipIf(process.platform === "win32")("listens on IPv6 and on Unix sockets", async () => {
    const server = make({ unary: () => ({ id: "six" }) });
    const { address, port } = await server.start("[::1]:0");
    expect(address).toBe(`[::1]:${port}`);
    expect((await clientOf(address).call(unary, [{}])).responses[0]?.id).toBe("six");

    const path = `unix:/tmp/accord-${process.pid}.sock`;
    const onSocket = make({ unary: (_request, context) => ({ id: context.peer }) });
    expect(await onSocket.start(path)).toEqual({ address: path, port: 0 });
    expect((await clientOf(path).call(unary, [{}])).code).toBe(GrpcStatus.OK);
  });

  it("happens once", async () => {
    const server = make({});
    await server.start(ANY_PORT);
    await expect(server.start(ANY_PORT)).rejects.toThrow("Can't start the server: it was started before");
    await server.drain();
    await expect(server.start(ANY_PORT)).rejects.toThrow("Can't start the server: it has ended; make another one");
  });

  it("is given up when the server is drained meanwhile", async () => {
    const server = make({});
    const starting = server.start(ANY_PORT);
    const closed = server.drain("changed my mind");
    await expect(starting).rejects.toThrow("The server was stopped while it started");
    expect(await closed).toMatchObject({ reason: "changed my mind", outcome: "drained" });
  });
});

describe("createServer", () => {
  it("refuses two services of one name", () => {
    expect(() => createServer([bindProbe({}), bindProbe({})])).toThrow(
      "Can't make the server: the service probe.v1.ProbeService was given twice, or is one of the server's own",
    );
  });

  it("refuses methods that need a verifier if there is none", () => {
    const bound = bindProbe({}, { policies: { unary: { auth: { requirement: "required" } } } });
    expect(() => createServer([bound])).toThrow(
      "the contract of probe.v1.ProbeService.Unary has an auth requirement, and the server has no verifier",
    );
  });

  it("serves nothing but health and reflection if it is given nothing", async () => {
    const server = createServer([], { logger: new MemoryLogger(), handleSignals: false });
    servers.push(server);
    const { address } = await server.start(ANY_PORT);
    expect((await clientOf(address).call(Health.method.check, [{}])).code).toBe(GrpcStatus.OK);
    expect((await clientOf(address).call(unary, [{}])).code).toBe(GrpcStatus.UNIMPLEMENTED);
  });
});

describe("drain", () => {
  it("lets calls in flight finish, and refuses new connections", async () => {
    const { servicer, open, state } = gated();
    const server = make(servicer);
    const { address } = await server.start(ANY_PORT);
    const call = clientOf(address).call(unary, [{ id: "slow" }]);
    await expect.poll(() => state.calls).toBe(1);
    const closed = server.drain("test");
    await expect.poll(() => refused(address)).toBe(true);
    expect(state.signals[0]?.aborted).toBe(false);
    open();
    expect((await call).responses[0]?.id).toBe("slow");
    expect(await closed).toEqual({ reason: "test", outcome: "drained", abandoned: 0, durationMs: expect.any(Number) });
    expect(await server.closed).toBe(await closed);
    expect(await server.drain("again")).toBe(await closed);
  });

  it("answers what runs on after its time with UNAVAILABLE, and tells the handlers", async () => {
    const { servicer, state } = gated();
    const reasons: unknown[] = [];
    const server = make(
      {
        ...servicer,
        async *serverStream(_request, context) {
          context.signal.addEventListener("abort", () => reasons.push(context.signal.reason));
          yield { id: "first" };
          await new Promise(() => {});
        },
        async clientStream(requests) {
          for await (const _ of requests);
          return {};
        },
      },
      { drainMs: 50 },
    );
    const { address } = await server.start(ANY_PORT);
    const client = clientOf(address);
    const calls = [client.call(unary, [{}]), client.call(serverStream, [{}])];
    const streaming = client.open(clientStream);
    await streaming.send({});
    await expect.poll(() => state.calls).toBe(1);
    await expect.poll(() => logger.lines.filter(({ message }) => message.endsWith(".request"))).toHaveLength(3);
    const closed = await server.drain("test");
    for (const seen of await Promise.all([...calls, streaming.seen])) {
      expect(seen.code).toBe(GrpcStatus.UNAVAILABLE);
      expect(seen.details).toBe("The server is shutting down");
    }
    expect(closed).toMatchObject({ outcome: "forced", abandoned: 3 });
    expect(state.signals[0]?.aborted).toBe(true);
    expect(reasons).toMatchObject([{ name: "AbortError" }]);
    expect(logger.lines.filter(({ message }) => message.endsWith(".response"))).toMatchObject(
      [1, 2, 3].map(() => ({ fields: { status: "UNAVAILABLE" } })),
    );
  });

  it("tells who watches the health before it refuses anybody", async () => {
    const { servicer, open, state } = gated();
    const server = make(servicer);
    const { address } = await server.start(ANY_PORT);
    const client = clientOf(address);
    const watches = ["", "probe.v1.ProbeService"].map((service) => {
      const watch = client.open(Health.method.watch);
      void watch.send({ service });
      watch.halfClose();
      return watch;
    });
    const call = client.call(unary, [{}]);
    await expect.poll(() => state.calls).toBe(1);
    await expect.poll(() => watches.map(({ responses }) => responses.length)).toEqual([1, 1]);
    const closed = server.drain("test");
    for (const watch of watches) {
      const { responses, code } = await watch.seen;
      expect(responses.map(({ status }) => status)).toEqual([ServingStatus.SERVING, ServingStatus.NOT_SERVING]);
      expect(code).toBe(GrpcStatus.UNAVAILABLE);
    }
    open();
    expect((await call).code).toBe(GrpcStatus.OK);
    expect(await closed).toMatchObject({ outcome: "drained", abandoned: 0 });
  });

  it("isn't held up by connections that say nothing, or read nothing", async () => {
    const server = make(
      {
        async *serverStream() {
          for (;;) {
            yield { padding: new Uint8Array(64 * 1024) };
          }
        },
      },
      { drainMs: 50 },
    );
    const { address, port } = await server.start(ANY_PORT);
    const mute = connectTcp(port, "127.0.0.1");
    mute.on("error", () => {});
    await new Promise((resolve) => mute.once("connect", resolve));
    // A whole request, and then a peer that never reads what comes.
    const frozen = new RawHttp2(address);
    frozen.socket.pause();
    frozen.write(
      RawHttp2.headers("/probe.v1.ProbeService/ServerStream"),
      RawHttp2.emptyMessage(),
      RawHttp2.halfClose(),
    );
    await expect.poll(() => logger.lines.filter(({ message }) => message === "serverStream.request")).toHaveLength(1);
    const idle = clientOf(address);
    await idle.call(Health.method.check, [{}]);
    const closed = await server.drain("test");
    expect(closed.outcome).toBe("forced");
    await expect.poll(() => logger.lines.filter(({ message }) => message === "serverStream.response")).toHaveLength(1);
    mute.destroy();
    frozen.socket.destroy();
  });

  it("serves the calls that it has, and says which was the last", async () => {
    const { servicer, open, state } = gated();
    const server = make(servicer);
    const { address } = await server.start(ANY_PORT);
    const peer = new RawHttp2(address);
    peer.write(...wholeCall(1));
    await expect.poll(() => state.calls).toBe(1);
    const closed = server.drain("test");
    await vi.waitFor(() => expect(peer.lastStreams).toEqual([1]));
    // A call that was on its way: it isn't looked at, and its caller knows that from the number.
    peer.write(...wholeCall(3));
    open();
    await vi.waitFor(() => expect(trailersOf(peer, 1)).toBe(true));
    expect(await closed).toMatchObject({ outcome: "drained", abandoned: 0 });
    expect(state.calls).toBe(1);
    const answered = peer.received.filter(({ type }) => type === FRAME.headers).map(({ stream }) => stream);
    expect(new Set(answered)).toEqual(new Set([1]));
  });

  it("closes idle connections, and takes no new call on them", async () => {
    const server = make({ unary: () => ({ id: "served" }) });
    const { address } = await server.start(ANY_PORT);
    const idle = connectHttp2(`http://${address}`);
    await new Promise((resolve) => idle.once("remoteSettings", resolve));
    const gone = new Promise((resolve) => idle.once("close", resolve));
    await server.drain("test");
    await gone;
    expect(idle.destroyed).toBe(true);
  });

  it("lets a keepalive not end the calls that it waits for", async () => {
    const { servicer, open, state } = gated();
    const server = make(servicer, { keepaliveTimeMs: 20, keepaliveTimeoutMs: 10_000 });
    const { address } = await server.start(ANY_PORT);
    const call = clientOf(address).call(unary, [{ id: "spared" }]);
    await expect.poll(() => state.calls).toBe(1);
    const closed = server.drain("test");
    // Several keepalives, all on a connection that is closing.
    await new Promise((resolve) => setTimeout(resolve, 300));
    open();
    expect((await call).responses[0]?.id).toBe("spared");
    expect(await closed).toMatchObject({ outcome: "drained", abandoned: 0 });
  });

  it("waits for connections that were closing already, because of their age", async () => {
    const { servicer, open, state } = gated();
    const server = make(servicer, { maxConnectionAgeMs: 50 });
    const { address } = await server.start(ANY_PORT);
    const peer = new RawHttp2(address);
    peer.write(...wholeCall(1));
    await vi.waitFor(() => expect(peer.lastStreams).toEqual([1]));
    expect(state.calls).toBe(1);
    const closed = server.drain("test");
    open();
    await vi.waitFor(() => expect(trailersOf(peer, 1)).toBe(true));
    expect(await closed).toMatchObject({ outcome: "drained", abandoned: 0 });
  });

  it("works without a start", async () => {
    const server = make({});
    expect(await server.drain()).toMatchObject({ reason: "drain", outcome: "drained" });
    expect(await server.closed).toMatchObject({ reason: "drain" });
  });
});

describe("signals", () => {
  const listeners = () => [...process.listeners("SIGTERM"), ...process.listeners("SIGINT")];

  it("drain the server, and a second one ends the drain", async () => {
    const { servicer, state } = gated();
    const before = listeners();
    const server = make(servicer, { handleSignals: true });
    const { address } = await server.start(ANY_PORT);
    const [stop, alsoStop, ...others] = listeners().filter((listener) => !before.includes(listener));
    expect(others).toEqual([]);
    const call = clientOf(address).call(unary, [{}]);
    await expect.poll(() => state.calls).toBe(1);
    stop?.("SIGTERM");
    await expect.poll(() => refused(address)).toBe(true);
    alsoStop?.("SIGINT");
    expect(await server.closed).toMatchObject({ reason: "SIGTERM", outcome: "forced", abandoned: 1 });
    expect((await call).code).toBe(GrpcStatus.UNAVAILABLE);
    expect(listeners()).toEqual(before);
  });

  it("aren't heeded after a start that failed", async () => {
    const before = listeners();
    const server = make({}, { handleSignals: true });
    await expect(server.start("256.256.256.256:1")).rejects.toThrow("Can't listen on 256.256.256.256:1");
    expect(listeners()).toEqual(before);
  });
});

/** A whole call of `Unary`, as a client writes it. */
function wholeCall(stream: number): Buffer[] {
  return [
    RawHttp2.headers("/probe.v1.ProbeService/Unary", stream),
    RawHttp2.emptyMessage(stream),
    RawHttp2.halfClose(stream),
  ];
}

/** Whether a stream's trailers have come: headers that end it. */
function trailersOf(peer: RawHttp2, stream: number): boolean {
  const END_STREAM = 1;
  return peer.received.some(
    (frame) => frame.type === FRAME.headers && frame.stream === stream && (frame.flags & END_STREAM) !== 0,
  );
}

async function refused(address: string): Promise<boolean> {
  const [host, port] = address.split(":");
  return new Promise((resolve) => {
    const socket = connectTcp(Number(port), host);
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}
