import { ChannelCredentials } from "@grpc/grpc-js";
import { SpanKind } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { histogramPoints, registerTestSdk, type TestSdk } from "../../test-support/telemetry.js";

// What spans and metrics are called, as somebody asks by OpenTelemetry's own environment variable. It is read once, so that each
// test has modules of its own.

let sdk: TestSdk;
const close: (() => unknown)[] = [];

beforeEach(() => {
  vi.resetModules();
  sdk = registerTestSdk();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const each of close.splice(0).reverse()) {
    await each();
  }
  await sdk.shutdown();
  // Other files share the modules.
  vi.resetModules();
});

/** Two servers, and what calls them. */
async function start(optIn: string) {
  vi.stubEnv("OTEL_SEMCONV_STABILITY_OPT_IN", optIn);
  const { startTestServer } = await import("../testing/test-server.js");
  const { bindProbe } = await import("../../test-support/probe-service.js");
  const { probeClient } = await import("../../test-support/probe-client.js");
  const { buildChannel } = await import("../channel/channel.js");
  const serve = async () => {
    const server = await startTestServer([
      bindProbe({
        unary: ({ action }) => {
          if (action === "fail") {
            throw new Error("broken");
          }
          return {};
        },
      }),
    ]);
    close.push(() => server.close());
    return server;
  };
  const servers = [await serve(), await serve()];
  const channelTo = (target: string) => {
    const channel = buildChannel(
      target,
      {},
      {
        credentials: ChannelCredentials.createInsecure(),
        extraOptions: { "grpc.use_local_subchannel_pool": 1 },
      },
    );
    close.push(() => channel.close());
    return channel;
  };
  return { addresses: servers.map(({ address }) => address), channelTo, probeClient };
}

async function endedSpans(count: number) {
  await expect.poll(() => sdk.spans().length).toBe(count);
  return sdk.spans();
}

const METHOD = "probe.v1.ProbeService/Unary";

/** By the conventions' name of today, and by the one before. */
const status = (name: string) => ({ "rpc.status_code": name, "rpc.response.status_code": name });

describe("OTEL_SEMCONV_STABILITY_OPT_IN", () => {
  it.each(["", "http/dup", "rpc"])("is %j: spans have the stable names alone", async (optIn) => {
    const { addresses, channelTo, probeClient } = await start(optIn);
    await probeClient(channelTo(addresses[0] ?? "")).unary({}, { timeoutMs: 60_000 });
    for (const { attributes } of await endedSpans(2)) {
      expect(attributes).toMatchObject({
        "rpc.system.name": "grpc",
        "rpc.method": METHOD,
        "rpc.status_code": "OK",
        "rpc.response.status_code": "OK",
      });
      expect(attributes).not.toHaveProperty(["rpc.system"]);
      expect(attributes).not.toHaveProperty(["rpc.grpc.status_code"]);
    }
  });

  it("is rpc/dup: they have the old ones beside them", async () => {
    const { addresses, channelTo, probeClient } = await start("http,rpc/dup");
    await probeClient(channelTo(addresses[0] ?? "")).unary({}, { timeoutMs: 60_000 });
    for (const { attributes } of await endedSpans(2)) {
      expect(attributes).toMatchObject({
        ...{ "rpc.system.name": "grpc", "rpc.method": METHOD, "rpc.status_code": "OK" },
        ...{ "rpc.system": "grpc", "rpc.service": "probe.v1.ProbeService", "rpc.grpc.status_code": 0 },
      });
    }
  });

  it.each([
    ["", false],
    ["rpc", true],
    ["rpc/dup", true],
  ])("is %j: the conventions' metrics stand beside gRFC A66's: %s", async (optIn, isThere) => {
    const { addresses, channelTo, probeClient } = await start(optIn);
    const client = probeClient(channelTo(addresses[0] ?? ""));
    await client.unary({}, { timeoutMs: 60_000 });
    await expect(client.unary({ action: "fail" }, { timeoutMs: 60_000 })).rejects.toThrow();
    await endedSpans(4);
    const [host, port] = (addresses[0] ?? "").split(":");
    const common = { "rpc.system.name": "grpc", "rpc.method": METHOD };
    for (const side of ["client", "server"]) {
      expect(await sdk.metric(`grpc.${side}.call.duration`)).toBeDefined();
      const metric = await sdk.metric(`rpc.${side}.call.duration`);
      const server = side === "client" ? { "server.address": host, "server.port": Number(port) } : {};
      const points = histogramPoints(metric).map(({ attributes }) => attributes);
      expect(points).toEqual(
        isThere
          ? [
              { ...common, ...server, ...status("OK") },
              { ...common, ...server, ...status("INTERNAL"), "error.type": "INTERNAL" },
            ]
          : [],
      );
      expect(metric?.descriptor.unit).toBe(isThere ? "s" : undefined);
    }
  });
});

it("a server's address and port are those of the backend that was called, of several", async () => {
  const { addresses, channelTo, probeClient } = await start("");
  const client = probeClient(channelTo(`ipv4:${addresses.join(",")}`));
  await client.unary({}, { timeoutMs: 60_000 });
  const attributes = (await endedSpans(2)).find(({ kind }) => kind === SpanKind.CLIENT)?.attributes;
  expect(addresses).toContain(`${attributes?.["server.address"]}:${attributes?.["server.port"]}`);
  expect(attributes?.["server.port"]).toBe(attributes?.["network.peer.port"]);
});
