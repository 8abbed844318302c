import dns from "node:dns";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { ServiceConfig } from "@accord-grpc/runtime/codegen/v1";
import { Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LEDGER_V1_SERVICE_CONFIG } from "../../../example/src/gen/ledger/v1/channel.js";
import { LedgerServiceClient as GoldenClient } from "../../golden/ledger/gen/ledger/v1/ledger_client.js";
import { failureOf, ledgerChannel, ledgerClient, ledgerServer } from "./ledger.js";
import { Opened, PLAIN_SERVICE, PlainClient, plainServer, serviceConfig } from "./plain-grpc.js";

// What grpc-js makes of a service config, and what we do about it.

// What it keeps of a service config; it isn't exported.
const { validateServiceConfig } = createRequire(import.meta.url)("@grpc/grpc-js/build/src/service-config.js") as {
  validateServiceConfig(config: unknown): {
    readonly methodConfig: readonly Readonly<Record<string, unknown>>[];
    readonly retryThrottling?: { readonly tokenRatio: number };
  };
};

const opened = new Opened();
afterEach(async () => {
  vi.restoreAllMocks();
  await opened.close();
});

const name = [{ service: PLAIN_SERVICE }];
const retryPolicy = {
  maxAttempts: 3,
  initialBackoff: "0.001000000s",
  maxBackoff: "0.001000000s",
  backoffMultiplier: 1,
  retryableStatusCodes: ["UNAVAILABLE"],
};

/** A server whose unary method always fails with UNAVAILABLE, and when it did. */
async function failing(): Promise<{ readonly target: string; readonly attempts: number[] }> {
  const attempts: number[] = [];
  const { target } = await plainServer(opened, {
    unary: (_call, callback) => {
      attempts.push(performance.now());
      callback({ code: status.UNAVAILABLE });
    },
  });
  return { target, attempts };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a timeout of "0.5s" is parsed as 5 nanoseconds', () => {
  it("by grpc-js, and one with nine decimals as half a second", async () => {
    const { target } = await plainServer(opened, {
      unary: (_call, callback) => void setTimeout(callback, 20, null, Buffer.alloc(0)),
    });
    const call = (timeout: string) =>
      new PlainClient(opened, target, serviceConfig({ methodConfig: [{ name, timeout }] })).unary();
    expect(await call("0.5s")).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(await call("0.500000000s")).toMatchObject({ code: status.OK });
  });

  it("and a generated client sets its deadlines itself, whatever the config says", async () => {
    const { address } = await ledgerServer(opened, { getAccount: async () => ({}) });
    const config: ServiceConfig = {
      methodConfig: [{ name: [{ service: "ledger.v1.LedgerService" }], timeout: "0.5s" as "0.500000000s" }],
    };
    await expect(ledgerClient(opened, address, config).getAccount({})).resolves.toBeDefined();
  });
});

describe("waitForReady in a method config is ignored", () => {
  it("by grpc-js", async () => {
    const target = `127.0.0.1:${await freePort()}`;
    const client = new PlainClient(opened, target, serviceConfig({ methodConfig: [{ name, waitForReady: true }] }));
    expect(await client.unary()).toMatchObject({ code: status.UNAVAILABLE });
    // What it does read.
    const metadata = new Metadata({ waitForReady: true });
    expect(await client.unary({ metadata, timeoutMs: 200 })).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });

  it("and a generated client waits where its contract says so", async () => {
    const client = new GoldenClient(ledgerChannel(opened, `127.0.0.1:${await freePort()}`, {}));
    // The contract: `wait_for_ready: true`; the other method has nothing of the sort.
    expect(await failureOf(client.getBalance({}, { timeoutMs: 200 }))).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(await failureOf(client.transfer({}))).toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("maxRequestMessageBytes and maxResponseMessageBytes are not enforced", () => {
  it("by grpc-js", async () => {
    const { target } = await plainServer(opened, { unary: (_call, callback) => callback(null, Buffer.alloc(100)) });
    const limits = { maxRequestMessageBytes: 10, maxResponseMessageBytes: 10 };
    const client = new PlainClient(opened, target, serviceConfig({ methodConfig: [{ name, ...limits }] }));
    expect(await client.unary({ request: Buffer.alloc(100) })).toMatchObject({ code: status.OK });
  });

  it("and a generated client enforces its contract's", async () => {
    async function* requests() {
      yield { batch: "x".repeat(1_048_577) };
    }
    const client = new GoldenClient(ledgerChannel(opened, `127.0.0.1:${await freePort()}`, {}));
    const failed = failureOf(client.importEntries(requests(), { timeoutMs: 30_000 }));
    expect(await failed).toMatchObject({ code: "RESOURCE_EXHAUSTED", message: expect.stringContaining("1048576") });
  });
});

describe("only loadBalancingConfig in lower case chooses a policy; an unknown one silently becomes pick_first", () => {
  it.each([
    ["loadBalancingPolicy", { loadBalancingPolicy: "ROUND_ROBIN" }, {}, 1],
    ["grpc.lb_policy_name", {}, { "grpc.lb_policy_name": "round_robin" }, 1],
    ["an upper case name", { loadBalancingConfig: [{ ROUND_ROBIN: {} }] }, {}, 1],
    ["an unknown name", { loadBalancingConfig: [{ fairest: {} }] }, {}, 1],
    ["the one that works", { loadBalancingConfig: [{ round_robin: {} }] }, {}, 2],
  ])("in grpc-js: %s", async (_what, config, options, backends) => {
    const reached = new Set<number>();
    const ports: number[] = [];
    for (const backend of [1, 2]) {
      const { port } = await plainServer(opened, {
        unary: (_call, callback) => {
          reached.add(backend);
          callback(null, Buffer.alloc(0));
        },
      });
      ports.push(port);
    }
    const target = `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(",")}`;
    const client = new PlainClient(opened, target, { ...serviceConfig(config), ...options });
    // The first call may come before the second connection is there.
    for (let call = 0; call < 20 || (backends === 2 && reached.size < 2); call += 1) {
      await client.unary();
    }
    expect(reached.size).toBe(backends);
  });

  it("and a generated channel refuses a policy that grpc-js doesn't know", () => {
    const config = { loadBalancingConfig: [{ fairest: {} }] } as unknown as ServiceConfig;
    expect(() => ledgerChannel(opened, "localhost:1", config)).toThrow(/none of the policies in loadBalancingConfig/);
  });
});

describe("a method's entry replaces the service's: nothing is merged", () => {
  it("by grpc-js", async () => {
    const { target, attempts } = await failing();
    const timeout = "5.000000000s";
    const methodConfig = [
      { name, retryPolicy },
      { name: [{ service: PLAIN_SERVICE, method: "Unary" }], timeout },
    ];
    await new PlainClient(opened, target, serviceConfig({ methodConfig })).unary();
    expect(attempts).toHaveLength(1);
  });

  it("and generated configs name each method", () => {
    for (const entry of LEDGER_V1_SERVICE_CONFIG.methodConfig ?? []) {
      for (const { method } of entry.name) {
        expect(method).toBeTruthy();
      }
    }
  });
});

describe("maxAttempts", () => {
  it("over 5 is capped silently by grpc-js", async () => {
    const { target, attempts } = await failing();
    const methodConfig = [{ name, retryPolicy: { ...retryPolicy, maxAttempts: 10 } }];
    await new PlainClient(opened, target, serviceConfig({ methodConfig })).unary();
    expect(attempts).toHaveLength(5);
  });

  it.each([undefined, 0, 1])("of %s throws in the constructor, and a generated channel says where", (maxAttempts) => {
    const methodConfig = [{ name, retryPolicy: { ...retryPolicy, maxAttempts } }];
    const config = { methodConfig };
    expect(() => new PlainClient(opened, "localhost:1", serviceConfig(config))).toThrow(/maxAttempts/);
    expect(() => ledgerChannel(opened, "localhost:1", config as unknown as ServiceConfig)).toThrow(
      /^Can't open a channel to "localhost:1": .*maxAttempts/,
    );
  });
});

describe("backoffs and throttling", () => {
  it("the first backoff isn't clamped to maxBackoff", async () => {
    const { target, attempts } = await failing();
    const slow = { ...retryPolicy, maxAttempts: 2, initialBackoff: "0.300000000s" };
    await new PlainClient(opened, target, serviceConfig({ methodConfig: [{ name, retryPolicy: slow }] })).unary();
    const [first = 0, second = 0] = attempts;
    // With the 20 % that is taken off at random, and far from the millisecond that is the maximum.
    expect(second - first).toBeGreaterThan(200);
  });

  it('a backoff of "0s" and the code OK pass validation: the generator refuses them', () => {
    const odd = { ...retryPolicy, initialBackoff: "0s", maxBackoff: "0s", retryableStatusCodes: ["OK"] };
    expect(() => validateServiceConfig({ methodConfig: [{ name, retryPolicy: odd }] })).not.toThrow();
  });

  it("a tokenRatio of 0.0004 rounds to 0", () => {
    const { retryThrottling } = validateServiceConfig({ retryThrottling: { maxTokens: 10, tokenRatio: 0.0004 } });
    expect(retryThrottling?.tokenRatio).toBe(0);
  });
});

it("healthCheckConfig is dropped: grpc-js has no client-side health checks", () => {
  const healthCheckConfig = { serviceName: PLAIN_SERVICE };
  const config = validateServiceConfig({ methodConfig: [{ name }], healthCheckConfig });
  expect(config).not.toHaveProperty("healthCheckConfig");
});

describe("a DNS TXT record overrides the config of the channel, unless its look-up is disabled", () => {
  const lookups = () => {
    vi.spyOn(dns.promises, "lookup").mockImplementation((async () => [{ address: "127.0.0.1", family: 4 }]) as never);
    return vi
      .spyOn(dns.promises, "resolveTxt")
      .mockImplementation(async () => [
        [`grpc_config=${JSON.stringify([{ serviceConfig: { methodConfig: [{ name, timeout: "0.000000001s" }] } }])}`],
      ]);
  };

  it("in grpc-js", async () => {
    const txt = lookups();
    const { port } = await plainServer(opened, {
      unary: (_call, callback) => void setTimeout(callback, 20, null, Buffer.alloc(0)),
    });
    const client = new PlainClient(opened, `dns:///plain.test:${port}`);
    expect(await client.unary()).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(txt).toHaveBeenCalledWith("plain.test");
  });

  it("which it is in a generated channel", async () => {
    const txt = lookups();
    const { address } = await ledgerServer(opened, { getAccount: async () => ({}) });
    const client = ledgerClient(opened, `dns:///ledger.test:${address.split(":")[1]}`);
    await expect(client.getAccount({})).resolves.toBeDefined();
    expect(txt).not.toHaveBeenCalled();
  });
});
