import { Metadata } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, type ProbeServicer } from "../../test-support/probe-service.js";
import { createCallContext, MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { propagateRequestId, requestIdKey, usableRequestId } from "./request-id.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const servers: TestServer[] = [];
let logger: MemoryLogger;

beforeEach(() => {
  logger = new MemoryLogger();
});

afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function serve(servicer: ProbeServicer): Promise<TestServer> {
  const server = await startTestServer([bindProbe(servicer)], { logger });
  servers.push(server);
  return server;
}

const withId = (id: string): Metadata => {
  const metadata = new Metadata();
  metadata.set("x-request-id", id);
  return metadata;
};

describe.each(KINDS)("%s", (kind) => {
  it("carries the caller's request id to the handler, its log lines and the calls behind it", async () => {
    const behind = await serve(servicerOf((_request, { values }) => ({ id: values.get(requestIdKey) ?? "none" })));
    const downstream = probeClient(behind.channel);
    const front = await serve(
      servicerOf(async (_request, context) => {
        context.logger.info({}, "from the handler");
        await new Promise((resolve) => setImmediate(resolve));
        const { id } = await callOnce(downstream, kind);
        return { id: `${context.values.get(requestIdKey)} ${id}` };
      }),
    );
    const { id } = await callOnce(probeClient(front.channel), kind, {}, { metadata: withId("from-the-edge") });
    expect(id).toBe("from-the-edge from-the-edge");
    await expect
      .poll(() => logger.lines.map(({ message }) => message).sort())
      .toEqual(
        [
          ...["from the handler", "server.started", "server.started"],
          ...[`${kind}.request`, `${kind}.request`, `${kind}.response`, `${kind}.response`],
        ].sort(),
      );
    const lines = logger.lines.filter(({ message }) => message !== "server.started");
    expect(new Set(lines.map(({ fields }) => fields.request_id))).toEqual(new Set(["from-the-edge"]));
  });

  it("gets one where the caller has none", async () => {
    const server = await serve(servicerOf((_request, { values }) => ({ id: values.get(requestIdKey) ?? "none" })));
    const client = probeClient(server.channel);
    const ids = [(await callOnce(client, kind)).id, (await callOnce(client, kind)).id];
    expect(ids[0]).toMatch(UUID);
    expect(ids[1]).toMatch(UUID);
    expect(ids[0]).not.toBe(ids[1]);
    await expect
      .poll(() => logger.lines.filter(({ message }) => message.startsWith(kind)).map(({ fields }) => fields.request_id))
      .toEqual([ids[0], ids[0], ids[1], ids[1]]);
  });
});

it("a call's own id wins over the one that would be handed on, and a contract's log field over both", async () => {
  const behind = await serve(servicerOf((_request, { values }) => ({ id: values.get(requestIdKey) ?? "none" })));
  const downstream = probeClient(behind.channel);
  const front = await serve(servicerOf(() => downstream.unary({}, { metadata: { "x-request-id": "own" } })));
  const { id } = await probeClient(front.channel).unary({ id: "the contract's" }, { metadata: withId("sent") });
  expect(id).toBe("own");
  await expect
    .poll(() =>
      logger.lines.filter(({ message }) => message === "unary.response").map(({ fields }) => fields.request_id),
    )
    .toEqual(["own", "the contract's"]);
});

it("an id that is put into the values is the one that goes on", async () => {
  const behind = await serve(servicerOf((_request, { values }) => ({ id: values.get(requestIdKey) ?? "none" })));
  const downstream = probeClient(behind.channel);
  const front = await serve(
    servicerOf((_request, { values }) => {
      values.set(requestIdKey, "put there");
      return downstream.unary({});
    }),
  );
  expect((await probeClient(front.channel).unary({})).id).toBe("put there");
  await expect
    .poll(() =>
      logger.lines.filter(({ message }) => message === "unary.response").map(({ fields }) => fields.request_id),
    )
    .toEqual(["put there", "put there"]);
});

it("ids that are empty, too long or bytes aren't taken over", () => {
  expect(usableRequestId("a".repeat(128))).toBe("a".repeat(128));
  expect(usableRequestId("a".repeat(129))).toBeUndefined();
  expect(usableRequestId("")).toBeUndefined();
  // HTTP/2 lets bytes beyond ASCII through.
  for (const id of ["caf\u00e9", "a\u009b31m", "a\u202eb"]) {
    expect(usableRequestId(id)).toBeUndefined();
  }
  expect(usableRequestId(undefined)).toBeUndefined();
});

it("nothing is handed on outside a handler, or from a context made by hand", () => {
  const metadata = new Metadata();
  propagateRequestId(metadata, undefined);
  propagateRequestId(metadata, createCallContext(ProbeService.method.unary));
  expect(metadata.getMap()).toEqual({});
});
