import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import {
  InsufficientFundsError,
  ProbeCancelledError,
  ProbeResourceExhaustedError,
  ProbeUnavailableError,
} from "../../test-support/probe-errors.js";
import { insufficientFunds } from "../../test-support/probe-statuses.js";
import { type RawHandlers, startRawServer } from "../../test-support/raw-server.js";
import { ContractError } from "../errors/contract-error.js";
import type { MethodConfig, ServiceConfig } from "../wire/service-config.js";
import { Status } from "../wire/status.js";
import { buildChannel, type Channel, type ChannelInit } from "./channel.js";

const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const resource of open.splice(0).reverse()) {
    resource.close();
  }
});

function tracked(channel: Channel): Channel {
  open.push(channel);
  return channel;
}

async function serve(handlers: RawHandlers, config?: ServiceConfig, init?: Partial<ChannelInit>): Promise<Channel> {
  const server = await startRawServer(handlers);
  open.push(server);
  return tracked(insecureChannel(server.target, config, init));
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("resolved"),
    (error: unknown) => error,
  );
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) {
    // Only its end is of interest.
  }
}

const SERVICE = "probe.v1.ProbeService";

function retrying(maxAttempts: number, more: Partial<MethodConfig> = {}): ServiceConfig {
  return {
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: [
      {
        name: [{ service: SERVICE, method: "Unary" }],
        retryPolicy: {
          maxAttempts,
          initialBackoff: "0.010000000s",
          maxBackoff: "0.020000000s",
          backoffMultiplier: 2,
          retryableStatusCodes: ["UNAVAILABLE"],
        },
        ...more,
      },
    ],
  };
}

describe("retries", () => {
  it.each([2, 3, 5])("a method with %i attempts makes exactly these", async (attempts) => {
    const handler = vi.fn();
    const channel = await serve(
      {
        unary: (call, callback) => {
          handler(call.metadata.get("grpc-previous-rpc-attempts")[0]);
          callback({ code: Status.UNAVAILABLE, details: "not now" });
        },
      },
      retrying(attempts),
    );
    expect(await rejection(probeClient(channel).unary({}))).toBeInstanceOf(ProbeUnavailableError);
    expect(handler).toHaveBeenCalledTimes(attempts);
    expect(handler.mock.calls.map(([previous]) => previous)).toEqual(
      [undefined, "1", "2", "3", "4"].slice(0, attempts),
    );
  });

  it("the caller sees the attempt that succeeds", async () => {
    let attempts = 0;
    const channel = await serve(
      {
        unary: (_call, callback) => {
          attempts += 1;
          if (attempts < 3) {
            callback({ code: Status.UNAVAILABLE });
          } else {
            callback(null, { count: BigInt(attempts) });
          }
        },
      },
      retrying(5),
    );
    expect((await probeClient(channel).unary({})).count).toBe(3n);
  });

  it("a request has the same idempotency key in each attempt", async () => {
    const ids: string[] = [];
    const channel = await serve(
      {
        unary: (call, callback) => {
          ids.push(call.request.id);
          callback({ code: Status.UNAVAILABLE });
        },
      },
      retrying(3),
    );
    await rejection(probeClient(channel, {}, { idempotencyKey: "id" }).unary({}));
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).not.toBe("");
  });

  it("a declared error isn't tried again", async () => {
    const handler = vi.fn();
    const channel = await serve(
      {
        unary: (_call, callback) => {
          handler();
          callback(insufficientFunds());
        },
      },
      retrying(5),
    );
    expect(await rejection(probeClient(channel).unary({}))).toBeInstanceOf(InsufficientFundsError);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("a method that the config doesn't name is tried once", async () => {
    const handler = vi.fn();
    const fail = (call: { emit(event: "error", error: object): unknown }): void => {
      handler();
      call.emit("error", { code: Status.UNAVAILABLE });
    };
    const channel = await serve({ serverStream: fail, bidiStream: fail }, retrying(5));
    const client = probeClient(channel);
    expect(await rejection(drain(client.serverStream({})))).toBeInstanceOf(ProbeUnavailableError);
    expect(handler).toHaveBeenCalledTimes(1);
    const none = (async function* () {})();
    expect(await rejection(drain(client.bidiStream(none)))).toBeInstanceOf(ProbeUnavailableError);
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["-1 ends them", "-1", 1],
    ["a number is waited for", "5", 3],
  ])("pushback: %s", async (_what, pushback, attempts) => {
    const handler = vi.fn();
    const metadata = new Metadata();
    metadata.set("grpc-retry-pushback-ms", pushback);
    const channel = await serve(
      {
        unary: (_call, callback) => {
          handler();
          callback({ code: Status.UNAVAILABLE, metadata });
        },
      },
      retrying(3),
    );
    expect(await rejection(probeClient(channel).unary({}))).toBeInstanceOf(ProbeUnavailableError);
    expect(handler).toHaveBeenCalledTimes(attempts);
  });

  it("cancelling during a backoff starts no further attempt", async () => {
    const handler = vi.fn();
    const metadata = new Metadata();
    metadata.set("grpc-retry-pushback-ms", "100");
    const controller = new AbortController();
    const channel = await serve(
      {
        unary: (_call, callback) => {
          handler();
          callback({ code: Status.UNAVAILABLE, metadata });
        },
      },
      retrying(5),
    );
    const failed = rejection(probeClient(channel).unary({}, { signal: controller.signal }));
    await vi.waitFor(() => expect(handler).toHaveBeenCalled());
    // The answer is on its way, and then the client waits.
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort();
    expect(await failed).toBeInstanceOf(ProbeCancelledError);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(handler).toHaveBeenCalledTimes(1);
  });
});

describe("timeouts", () => {
  it("the contract's is the default, and the caller's counts where there is one", async () => {
    const channel = await serve(
      { unary: (_call, callback) => void setTimeout(() => callback(null, { id: "late" }), 300) },
      retrying(2, { timeout: "0.100000000s" }),
    );
    const client = probeClient(channel, {}, { timeoutMs: 100 });
    expect(await rejection(client.unary({}))).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    // grpc-js alone would cut this one to the service config's timeout.
    expect((await client.unary({}, { timeoutMs: 10_000 })).id).toBe("late");
    expect((await client.unary({}, { timeoutMs: Number.POSITIVE_INFINITY })).id).toBe("late");
  });

  it.each([
    ["with nine decimals", "0.500000000s", true],
    ["with one", "0.5s", false],
  ])("grpc-js reads a timeout %s", async (_how, timeout, isRight) => {
    // Plain grpc-js: why service configs have nine decimals.
    const answer: RawHandlers = { unary: (_call, callback) => callback(null, { id: "ok" }) };
    const config = { methodConfig: [{ name: [{ service: SERVICE }], timeout }] };
    const channel = await serve(answer, {}, { extraOptions: { "grpc.service_config": JSON.stringify(config) } });
    const call = probeClient(channel).unary({});
    if (isRight) {
      expect((await call).id).toBe("ok");
    } else {
      expect(await rejection(call)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    }
  });

  it("a timeout of years is a deadline that the server can count with", async () => {
    let deadline = 0;
    const channel = await serve({
      unary: (call, callback) => {
        deadline = Number(call.getDeadline());
        callback(null, {});
      },
    });
    await probeClient(channel).unary({}, { timeoutMs: 1e12 });
    expect(deadline - Date.now()).toBeGreaterThan(20 * 24 * 3_600_000);
    expect(deadline - Date.now()).toBeLessThan(25 * 24 * 3_600_000);
  });
});

describe("waitForReady", () => {
  async function freePort(): Promise<number> {
    const probe = await startRawServer({});
    probe.close();
    return probe.port;
  }

  it.each([
    ["by contract", { waitForReady: true }, {}],
    ["by the call's own wish", {}, { waitForReady: true }],
  ])("a call waits for a server %s", async (_how, policy, options) => {
    const port = await freePort();
    const channel = tracked(
      insecureChannel(`127.0.0.1:${port}`, {}, { extraOptions: { "grpc.initial_reconnect_backoff_ms": 100 } }),
    );
    const waiting = probeClient(channel, {}, policy).unary({}, options);
    await new Promise((resolve) => setTimeout(resolve, 100));
    open.push(
      await startRawServer({ unary: (_call, callback) => callback(null, { id: "up" }) }, {}, `127.0.0.1:${port}`),
    );
    expect((await waiting).id).toBe("up");
  });

  it("a call that doesn't fails at once, also against its contract", async () => {
    const channel = tracked(insecureChannel(`127.0.0.1:${await freePort()}`));
    const client = probeClient(channel, {}, { waitForReady: true });
    expect(await rejection(client.unary({}, { waitForReady: false }))).toBeInstanceOf(ProbeUnavailableError);
  });

  it("a call that waits ends at its deadline", async () => {
    const channel = tracked(insecureChannel(`127.0.0.1:${await freePort()}`));
    const error = await rejection(probeClient(channel).unary({}, { waitForReady: true, timeoutMs: 100 }));
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });
});

describe("message sizes", () => {
  const large = new Uint8Array(5 * 1024 * 1024);

  it("are limited to 4 MiB where the contract says nothing", async () => {
    const channel = await serve({ unary: (_call, callback) => callback(null, { padding: large }) });
    const client = probeClient(channel);
    expect(await rejection(client.unary({}))).toBeInstanceOf(ProbeResourceExhaustedError);
    expect(await rejection(client.unary({ padding: large }))).toBeInstanceOf(ProbeResourceExhaustedError);
  });

  it("reach as far as the contract lets them", async () => {
    const server = await startRawServer(
      { unary: (call, callback) => callback(null, { padding: call.request.padding }) },
      { "grpc.max_receive_message_length": -1 },
    );
    const limits = { maxRequestMessageBytes: 8_000_000, maxResponseMessageBytes: 8_000_000 };
    const config = { methodConfig: [{ name: [{ service: SERVICE, method: "Unary" }], ...limits }] };
    open.push(server);
    const channel = tracked(insecureChannel(server.target, config));
    expect((await probeClient(channel).unary({ padding: large })).padding).toHaveLength(large.length);
  });
});

describe("targets", () => {
  const ok: RawHandlers = { unary: (_call, callback) => callback(null, { id: "ok" }) };

  it.each(["", "dns:", "dns:///", "ipv4:"])("%s127.0.0.1:port", async (prefix) => {
    const server = await startRawServer(ok);
    open.push(server);
    const channel = tracked(insecureChannel(`${prefix}${server.target}`));
    expect((await probeClient(channel).unary({})).id).toBe("ok");
  });

  it.each(["localhost", "dns:///localhost", "dns:localhost"])("%s:port", async (name) => {
    const server = await startRawServer(ok);
    open.push(server);
    const channel = tracked(insecureChannel(`${name}:${server.port}`));
    expect((await probeClient(channel).unary({})).id).toBe("ok");
  });

  it.skipIf(process.platform === "win32")("unix:path", async () => {
    const path = join(tmpdir(), `accord-${process.pid}-${Date.now()}.sock`);
    const server = await startRawServer(ok, {}, `unix:${path}`);
    open.push(server);
    expect((await probeClient(tracked(insecureChannel(`unix:${path}`))).unary({})).id).toBe("ok");
  });

  it("a name that doesn't exist is a domain error", async () => {
    const channel = tracked(insecureChannel("dns:///nowhere.invalid:50051"));
    const error = await rejection(probeClient(channel).unary({}));
    expect(error).toBeInstanceOf(ProbeUnavailableError);
    expect(error).toMatchObject({ message: expect.stringContaining("nowhere.invalid") });
  });

  it("TLS fails against a server without it", async () => {
    const server = await startRawServer(ok);
    open.push(server);
    const channel = tracked(buildChannel(`localhost:${server.port}`, {}, { credentials: credentials.createSsl() }));
    expect(await rejection(probeClient(channel).unary({}))).toBeInstanceOf(ProbeUnavailableError);
  });

  it("http_proxy isn't used", async () => {
    const proxied = vi.fn();
    const proxy: HttpServer = createServer().on("connect", (_request, socket) => {
      proxied();
      socket.destroy();
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    open.push(proxy);
    vi.stubEnv("http_proxy", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    const channel = await serve(ok);
    expect((await probeClient(channel).unary({})).id).toBe("ok");
    vi.unstubAllEnvs();
    expect(proxied).not.toHaveBeenCalled();
  });
});

describe("bad input", () => {
  it("a service config that grpc-js refuses", () => {
    const config = retrying(1);
    expect(() => insecureChannel("localhost:1", config)).toThrow(
      /Can't open a channel to "localhost:1": .*maxAttempts must be an integer at least 2/,
    );
  });

  it("credentials that are none, or of another copy of grpc-js", () => {
    expect(() => buildChannel("localhost:1", {}, { credentials: {} as never })).toThrow(TypeError);
    expect(() => buildChannel("localhost:1", {}, { credentials: {} as never })).toThrow(
      /Can't open a channel to "localhost:1": .*ChannelCredentials/,
    );
  });

  it.each(["", undefined as unknown as string])("no target: %s", (target) => {
    expect(() => insecureChannel(target)).toThrow(/the target must be a name with a port/);
  });

  it("a URL", () => {
    expect(() => insecureChannel("http://localhost:50051")).toThrow(/a target is no URL/);
  });

  it.each([0, -1, Number.NaN])("a refresh time of %s", (dnsRefreshMs) => {
    expect(() => insecureChannel("localhost:1", {}, { dnsRefreshMs })).toThrow(/dnsRefreshMs must be a positive/);
  });
});

it("extra options win", async () => {
  const handler = vi.fn();
  const unary: RawHandlers["unary"] = (_call, callback) => {
    handler();
    callback({ code: Status.UNAVAILABLE });
  };
  const channel = await serve({ unary }, retrying(5), { extraOptions: { "grpc.enable_retries": 0 } });
  expect(await rejection(probeClient(channel).unary({}))).toBeInstanceOf(ProbeUnavailableError);
  expect(handler).toHaveBeenCalledTimes(1);
});

it("two channels of one target are closed apart", async () => {
  const server = await startRawServer({ unary: (_call, callback) => callback(null, { id: "ok" }) });
  open.push(server);
  const first = tracked(insecureChannel(server.target));
  const second = tracked(insecureChannel(server.target));
  await probeClient(first).unary({});
  await probeClient(second).unary({});
  first.close();
  expect(await rejection(probeClient(first).unary({}))).toBeInstanceOf(ContractError);
  expect((await probeClient(second).unary({})).id).toBe("ok");
});

it("lets servers send 256 KiB ahead, unless extra options say otherwise", async () => {
  const windows = new Set<number | undefined>();
  const server = createHttp2Server().listen(0, "127.0.0.1");
  open.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.on("session", (session) => {
    session.on("remoteSettings", ({ initialWindowSize }) => windows.add(initialWindowSize));
  });
  tracked(insecureChannel(`127.0.0.1:${port}`)).getConnectivityState(true);
  await vi.waitFor(() => expect([...windows]).toEqual([256 * 1024]));
  const narrow = { extraOptions: { "grpc-node.flow_control_window": 65_535 } };
  tracked(insecureChannel(`127.0.0.1:${port}`, {}, narrow)).getConnectivityState(true);
  await vi.waitFor(() => expect([...windows]).toEqual([256 * 1024, 65_535]));
});
