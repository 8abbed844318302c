import { createSocket } from "node:dgram";
import dns from "node:dns";
import { once } from "node:events";
import { createRequire } from "node:module";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type * as GrpcJs from "@grpc/grpc-js";
import { experimental, Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LedgerServiceClient } from "../../../example/src/gen/ledger/v1/ledger_client.js";
import { failureOf, ledgerChannel, ledgerClient, ledgerServer } from "./ledger.js";
import { Opened, PlainClient, plainServer } from "./plain-grpc.js";

// How grpc-js finds its backends and loses them, and what we do about it.

const opened = new Opened();
afterEach(async () => {
  vi.restoreAllMocks();
  await opened.close();
});

function resolvingTo(addresses: () => readonly string[]) {
  return vi
    .spyOn(dns.promises, "lookup")
    .mockImplementation((async () => addresses().map((address) => ({ address, family: 4 }))) as never);
}

/** A generated server on an address of the loopback network, that answers with it. */
async function backend(address: string, port = 0) {
  const { server, address: bound } = await ledgerServer(
    opened,
    { getAccount: async () => ({ account: { accountId: address } }) },
    {},
    `${address}:${port}`,
  );
  return { server, port: Number(bound.split(":")[1]) };
}

/** Another copy of grpc-js, as a dependency's own node_modules would have it. */
function anotherCopy(): typeof GrpcJs {
  const require = createRequire(import.meta.url);
  const mine = Object.keys(require.cache).filter((path) => path.includes("grpc-js"));
  const kept = mine.map((path) => [path, require.cache[path]] as const);
  for (const path of mine) {
    delete require.cache[path];
  }
  const copy = require("@grpc/grpc-js") as typeof GrpcJs;
  for (const [path, module] of kept) {
    require.cache[path] = module;
  }
  return copy;
}

async function reached(client: LedgerServiceClient): Promise<string | undefined> {
  return (await client.getAccount({}, { waitForReady: true, timeoutMs: 20_000 })).account?.accountId;
}

describe("a name is looked up again after a disconnect, at most every 30 s", () => {
  it("by grpc-js: all backends replaced at once are an outage", async () => {
    const { server, port } = await plainServer(opened, { unary: (_call, callback) => callback(null, Buffer.alloc(0)) });
    const lookup = resolvingTo(() => ["127.0.0.1"]);
    const client = new PlainClient(opened, `dns:///plain.test:${port}`);
    expect(await client.unary()).toMatchObject({ code: status.OK });
    server.forceShutdown();
    for (let call = 0; call < 5; call += 1) {
      expect(await client.unary()).toMatchObject({ code: status.UNAVAILABLE });
      await delay(50);
    }
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  it("by a generated channel within a second: all backends replaced at once are found", async () => {
    const { server, port } = await backend("127.0.0.1");
    let addresses = ["127.0.0.1"];
    resolvingTo(() => addresses);
    // Without the timer, which is for backends that join.
    const init = { dnsRefreshMs: Number.POSITIVE_INFINITY };
    const client = new LedgerServiceClient(ledgerChannel(opened, `dns:///ledger.test:${port}`, undefined, init));
    expect(await reached(client)).toBe("127.0.0.1");
    await backend("127.0.0.2", port);
    addresses = ["127.0.0.2"];
    await server.drain();
    expect(await reached(client)).toBe("127.0.0.2");
  });
});

it("a backend that joins gets nothing from grpc-js while all is well; a generated channel looks again on its own", async () => {
  const { port } = await backend("127.0.0.1");
  await backend("127.0.0.2", port);
  let addresses = ["127.0.0.1"];
  resolvingTo(() => addresses);
  const target = `dns:///ledger.test:${port}`;
  const still = ledgerClient(opened, target, undefined, { dnsRefreshMs: Number.POSITIVE_INFINITY });
  const refreshing = ledgerClient(opened, target, undefined, { dnsRefreshMs: 50 });
  await Promise.all([reached(still), reached(refreshing)]);
  addresses = ["127.0.0.1", "127.0.0.2"];
  await vi.waitFor(async () => expect(await reached(refreshing)).toBe("127.0.0.2"), { timeout: 20_000, interval: 1 });
  for (let call = 0; call < 10; call += 1) {
    expect(await reached(still)).toBe("127.0.0.1");
  }
});

describe("the authority in dns://authority/name", () => {
  it("is ignored", async () => {
    const { port } = await backend("127.0.0.1");
    const lookup = resolvingTo(() => ["127.0.0.1"]);
    // Nobody answers there.
    const client = ledgerClient(opened, `dns://127.0.0.1:1/ledger.test:${port}`);
    expect(await reached(client)).toBe("127.0.0.1");
    expect(lookup).toHaveBeenCalled();
  });

  it("is asked if GRPC_NODE_USE_ALTERNATIVE_RESOLVER is true when grpc-js is loaded", async () => {
    const dnsServer = createSocket("udp4").bind(0, "127.0.0.1");
    opened.add(() => dnsServer.close());
    await once(dnsServer, "listening");
    vi.stubEnv("GRPC_NODE_USE_ALTERNATIVE_RESOLVER", "true");
    const { Client, credentials } = anotherCopy();
    vi.unstubAllEnvs();
    const target = `dns://127.0.0.1:${dnsServer.address().port}/ledger.test:1`;
    const client = new Client(target, credentials.createInsecure());
    opened.add(() => client.close());
    client.getChannel().getConnectivityState(true);
    const [question] = await once(dnsServer, "message");
    expect(String(question)).toContain("ledger");
  });
});

describe("http_proxy is honoured by default", () => {
  it.each([
    ["by grpc-js", 1, (target: string) => new PlainClient(opened, target).unary({ timeoutMs: 500 })],
    ["and not by a generated channel", 0, (target: string) => reached(ledgerClient(opened, target))],
  ])("%s", async (_who, connections, call) => {
    let asked = 0;
    const proxy = createServer((socket) => {
      asked += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    opened.add(() => proxy.close());
    vi.stubEnv("http_proxy", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv("no_grpc_proxy", "");
    vi.stubEnv("no_proxy", "");
    const { port } = await backend("127.0.0.1");
    await call(`localhost:${port}`);
    vi.unstubAllEnvs();
    expect(Math.min(asked, 1)).toBe(connections);
  });
});

describe("a frozen backend", () => {
  /** A way to a server that can be frozen: nothing is lost, and nothing arrives. */
  async function freezable(port: number): Promise<{ readonly target: string; freeze(): void }> {
    const sockets: Socket[] = [];
    let frozen = false;
    const server = createServer((socket) => {
      const far = connect(port, "127.0.0.1");
      sockets.push(socket, far);
      for (const [from, to] of [
        [socket, far],
        [far, socket],
      ] as const) {
        from.on("error", () => {});
        from.on("close", () => to.destroy());
        from.on("data", (bytes) => {
          if (!frozen) {
            to.write(bytes);
          }
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    opened.add(() => {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    });
    return {
      target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      freeze: () => {
        frozen = true;
      },
    };
  }

  it("swallows calls until their deadlines without keepalive; with it, they are answered by another", async () => {
    const { target, freeze } = await freezable((await backend("127.0.0.1")).port);
    const other = await backend("127.0.0.2");
    const targets = `ipv4:${target},127.0.0.2:${other.port}`;
    const trusting = ledgerClient(opened, targets, undefined, { keepalive: "off" });
    const watchful = ledgerClient(opened, targets, undefined, { keepalive: { timeMs: 100, timeoutMs: 100 } });
    for (const client of [trusting, watchful]) {
      const seen = new Set<string | undefined>();
      while (seen.size < 2) {
        seen.add(await reached(client));
      }
    }
    freeze();
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () =>
        trusting.getAccount({}, { timeoutMs: 500 }).then(
          () => "answered",
          () => "lost",
        ),
      ),
    );
    expect(outcomes).toContain("lost");
    for (let call = 0; call < 6; call += 1) {
      await expect(watchful.getAccount({}, { timeoutMs: 20_000 })).resolves.toBeDefined();
    }
  });

  it("is looked for by a generated channel every 5 s, and each generated server permits it", async () => {
    const { address } = await ledgerServer(opened, {
      getAccount: async () => ({}),
      listEntries: async function* (_, context) {
        yield {};
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      },
    });
    // More often still, on a connection that carries nothing else. Others answer the third with too_many_pings.
    const client = ledgerClient(opened, address, undefined, { keepalive: { timeMs: 1_100, timeoutMs: 5_000 } });
    const silent = client.listEntries({}, { timeoutMs: 6_000 })[Symbol.asyncIterator]();
    await silent.next();
    expect(await failureOf(silent.next())).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });
});

it("experimental exports what a resolver that looks again needs", () => {
  expect(experimental.registerResolver).toBeTypeOf("function");
  expect(experimental.createResolver).toBeTypeOf("function");
  expect(experimental.FileWatcherCertificateProvider).toBeTypeOf("function");
  expect(experimental.createCertificateProviderServerCredentials).toBeTypeOf("function");
  expect(experimental.createCertificateProviderChannelCredentials).toBeTypeOf("function");
});

it("a misspelt option is silent in grpc-js, and neither compiles nor opens a generated channel", () => {
  expect(() => new PlainClient(opened, "localhost:1", { "grpc.keepalive_tme_ms": 1 })).not.toThrow();
  // @ts-expect-error: it is keepalive_time_ms
  const misspelt = () => ledgerChannel(opened, "localhost:1", {}, { extraOptions: { "grpc.keepalive_tme_ms": 1 } });
  expect(misspelt).toThrow("did you mean extraOptions.grpc.keepalive_time_ms?");
});

describe("two copies of grpc-js", () => {
  it("don't know each other's metadata: grpc-js drops it silently, a generated client sends it", async () => {
    const { Metadata: Theirs } = anotherCopy();
    expect(Theirs).not.toBe(Metadata);
    const metadata = new Theirs();
    metadata.set("x-tenant", "t");

    let plain: Metadata | undefined;
    const { target } = await plainServer(opened, {
      unary: (call, callback) => {
        plain = call.metadata;
        callback(null, Buffer.alloc(0));
      },
    });
    const client = new PlainClient(opened, target);
    // Taken for the call's options, as it is no Metadata.
    await new Promise((resolve) =>
      client.client.makeUnaryRequest(
        "/facts.Plain/Unary",
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.alloc(0),
        metadata,
        resolve,
      ),
    );
    expect(plain?.get("x-tenant")).toEqual([]);

    let ours: Metadata | undefined;
    const { address } = await ledgerServer(opened, {
      getAccount: async (_, context) => {
        ours = context.requestMetadata;
        return {};
      },
    });
    await ledgerClient(opened, address).getAccount({}, { metadata });
    expect(ours?.get("x-tenant")).toEqual(["t"]);
  });

  it("are kept away: grpc-js is a peer dependency of the runtime", () => {
    const manifest = createRequire(import.meta.url)("../../../runtime/package.json") as {
      readonly peerDependencies: Readonly<Record<string, string>>;
      readonly dependencies?: Readonly<Record<string, string>>;
    };
    expect(manifest.peerDependencies).toHaveProperty(["@grpc/grpc-js"]);
    expect(manifest.dependencies ?? {}).not.toHaveProperty(["@grpc/grpc-js"]);
  });
});
