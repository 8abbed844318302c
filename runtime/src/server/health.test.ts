import { status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { OtherService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from "../gen/grpc/health/v1/health_pb.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { bindService } from "./bind-service.js";

const PROBE = "probe.v1.ProbeService";
const OTHER = "probe.v1.OtherService";
const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;

let running: TestServer;
let client: RawClient;
let logger: MemoryLogger;

beforeEach(async () => {
  logger = new MemoryLogger();
  const other = bindService(OtherService, { ping: { handler: () => ({}) } }, { healthRole: "optional" });
  running = await startTestServer([bindProbe({}), other], { logger });
  client = new RawClient(running.address);
});

afterEach(async () => {
  client.close();
  await running.close();
});

async function check(service: string): Promise<ServingStatus | undefined> {
  return (await client.call(Health.method.check, [{ service }])).responses[0]?.status;
}

it("is told under each service's full name, and for the server as a whole", async () => {
  expect(await check("")).toBe(SERVING);
  expect(await check(PROBE)).toBe(SERVING);
  expect((await client.call(Health.method.check, [{ service: "probe.v1.Nope" }])).code).toBe(GrpcStatus.NOT_FOUND);
  const { responses } = await client.call(Health.method.list, [{}]);
  expect(Object.keys(responses[0]?.statuses ?? {})).toEqual(["", PROBE, OTHER]);
});

it("is the server's as a whole only for services that are required", async () => {
  const { health } = running.server;
  health.set(OTHER, false);
  expect(await check(OTHER)).toBe(NOT_SERVING);
  expect(await check("")).toBe(SERVING);
  health.set(PROBE, false);
  expect(await check("")).toBe(NOT_SERVING);
  expect(health.get("")).toBe(false);
  health.set(PROBE, true);
  expect(await check("")).toBe(SERVING);
  health.set("", false);
  expect(await check("")).toBe(NOT_SERVING);
  expect(await check(PROBE)).toBe(SERVING);
  expect(() => health.set("probe.v1.Nope", true)).toThrow(
    `Can't set the health of "probe.v1.Nope": the server has no such service. It has "", "${PROBE}", "${OTHER}".`,
  );
});

it("is watched, change by change", async () => {
  const watch = client.open(Health.method.watch);
  await watch.send({ service: PROBE });
  watch.halfClose();
  const statuses = () => watch.responses.map(({ status }) => status);
  await expect.poll(statuses).toEqual([SERVING]);
  running.server.health.set(PROBE, false);
  await expect.poll(statuses).toEqual([SERVING, NOT_SERVING]);
  running.server.health.set(PROBE, false);
  running.server.health.set(PROBE, true);
  await expect.poll(statuses).toEqual([SERVING, NOT_SERVING, SERVING]);
  watch.cancel();
  expect((await watch.seen).code).toBe(GrpcStatus.CANCELLED);
});

it("is watched for services that aren't known", async () => {
  const watch = client.open(Health.method.watch);
  await watch.send({ service: "probe.v1.Nope" });
  watch.halfClose();
  await expect.poll(() => watch.responses.map(({ status }) => status)).toEqual([SERVICE_UNKNOWN]);
  watch.cancel();
  await watch.seen;
});

it("doesn't fill the log", async () => {
  await check("");
  await expect
    .poll(() => logger.lines.filter(({ message }) => message.startsWith("check.")))
    .toMatchObject([
      { level: "debug", message: "check.request" },
      { level: "debug", message: "check.response" },
    ]);
});
