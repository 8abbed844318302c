import { credentials } from "@grpc/grpc-js";
import { beforeEach, expect, it, vi } from "vitest";
import { generateArtifacts } from "../artifacts/generate-artifacts.js";
import { buildLedgerV1Channel } from "../golden/ledger/gen/ledger/v1/channel.js";
import { createLedgerV1Server } from "../golden/ledger/gen/ledger/v1/server.js";

// What manifests and pages say of a server holds with whatever runtime is installed: generated code says all of it, and the
// runtime's own defaults are asked for none.

const asked = vi.hoisted(() => new Set<PropertyKey>());

vi.mock("../../runtime/src/contract/defaults.js", async (original) => {
  const actual = await original<typeof import("../../runtime/src/contract/defaults.js")>();
  const watched = <T extends object>(defaults: T): T =>
    new Proxy(defaults, {
      get(target, key) {
        asked.add(key);
        return Reflect.get(target, key);
      },
    });
  return {
    ...actual,
    SERVER_DEFAULTS: watched(actual.SERVER_DEFAULTS),
    CHANNEL_DEFAULTS: watched(actual.CHANNEL_DEFAULTS),
  };
});

beforeEach(() => asked.clear());

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const servicers = {
  ledger: new Proxy({} as Parameters<typeof createLedgerV1Server>[0]["ledger"], { get: () => () => undefined }),
};

it("a generated server takes none of its numbers from the runtime", async () => {
  const server = createLedgerV1Server(servicers, {
    logger: silent,
    handleSignals: false,
    auth: () => undefined,
    port: 0,
  });
  const { port } = await server.start();
  expect(port).toBeGreaterThan(0);
  await server.drain();
  // How long the last answers have is the runtime's own: it is within what the manifests leave for the end.
  expect([...asked].filter((key) => key !== "lastAnswersMs")).toEqual([]);
});

it("a generated channel neither", () => {
  buildLedgerV1Channel("localhost:1", { credentials: credentials.createInsecure() }).close();
  // No manifest, page or peer relies on where windows begin: they follow the wire.
  expect([...asked].filter((key) => key !== "initialWindowBytes")).toEqual([]);
});

it("the defaults would be asked otherwise", async () => {
  const { createServer } = await import("@accord-grpc/runtime");
  const server = createServer([], { logger: silent, handleSignals: false });
  await server.start("127.0.0.1:0");
  await server.drain();
  expect([...asked]).toEqual(
    expect.arrayContaining(["drainMs", "connectionAgeMs", "keepaliveTimeMs", "maxResponseBytes"]),
  );
});

it("server.ts and the manifests say the same", async () => {
  const code = await generateArtifacts("ledger", "target=ts");
  const manifests = await generateArtifacts("ledger", "artifacts=k8s");
  const server = code.get("ledger/v1/server.ts") ?? "";
  const deployment = manifests.get("ledger/v1/k8s/deployment.yaml") ?? "";
  const printed = (option: string) => Number(new RegExp(`${option}: ([\\d_]+)`).exec(server)?.[1]?.replaceAll("_", ""));
  expect(Number(/containerPort: (\d+)/.exec(deployment)?.[1])).toBe(printed("port"));
  const grace = Number(/terminationGracePeriodSeconds: (\d+)/.exec(deployment)?.[1]) * 1000;
  expect(grace).toBeGreaterThan(printed("drainMs"));
  expect(printed("drainMs")).toBeGreaterThan(printed("maxConnectionAgeGraceMs"));
});
