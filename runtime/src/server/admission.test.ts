import { status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { unpackPushback } from "../errors/status-details.js";
import { Health } from "../gen/grpc/health/v1/health_pb.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { Admission, CallPlace } from "./admission.js";
import type { HandlerState } from "./handler-state.js";
import type { ServedMethod } from "./served-method.js";

const { unary } = ProbeService.method;
const FOREVER = Number.POSITIVE_INFINITY;
const methodOf = (streams: boolean) => ({ streamsRequests: streams, streamsResponses: false }) as ServedMethod;

function placeOf(admission: Admission, method: ServedMethod): CallPlace {
  const place = admission.begin(method, FOREVER);
  return place instanceof CallPlace ? place : expect.fail("there is no place");
}

describe("an admission", () => {
  it("begins so many calls at a time, and others when they end", () => {
    const admission = new Admission(2);
    const method = methodOf(false);
    expect([placeOf(admission, method), placeOf(admission, method)]).not.toContain(undefined);
    expect(admission.begin(method, FOREVER)).toMatchObject({ status: GrpcStatus.UNAVAILABLE });
    admission.end();
    expect(admission.begin(method, FOREVER)).toBeInstanceOf(CallPlace);
  });

  it("begins no call whose deadline leaves less than such calls take, and tries again later", () => {
    const admission = new Admission(100);
    const method = methodOf(false);
    admission.served(method, 200, true);
    expect(admission.begin(method, 100)).toMatchObject({ status: GrpcStatus.UNAVAILABLE });
    expect(admission.begin(methodOf(false), 100)).toBeInstanceOf(CallPlace);
    let refused = 0;
    while (!(admission.begin(method, 100) instanceof CallPlace)) {
      refused += 1;
    }
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThan(100);
  });

  it("learns from calls that ran out of time that such calls take longer, and not that they take so long", () => {
    const admission = new Admission(100);
    const method = methodOf(false);
    admission.served(method, 200, true);
    for (let count = 0; count < 50; count += 1) {
      admission.served(method, 10, false);
    }
    expect(admission.begin(method, 190)).toMatchObject({ status: GrpcStatus.UNAVAILABLE });
    for (let count = 0; count < 50; count += 1) {
      admission.served(method, 1000, false);
    }
    expect(admission.begin(method, 900)).toMatchObject({ status: GrpcStatus.UNAVAILABLE });
  });

  it("takes no stream's length for its latency", () => {
    const admission = new Admission(100);
    const method = methodOf(true);
    admission.served(method, 60_000, true);
    expect(admission.begin(method, 100)).toBeInstanceOf(CallPlace);
  });
});

describe("a call's place", () => {
  const ended = (handler: HandlerState) => (place: CallPlace) => place.callEnded(handler, GrpcStatus.CANCELLED, 1);
  const handlerDone = (place: CallPlace) => place.handlerDone();
  const unheeded = (place: CallPlace) => place.expired();

  it.each<[string, ...((place: CallPlace) => void)[]]>([
    ["of a call without a handler, when it ends", ended("waiting")],
    ["of a call whose handler ends before it, when it ends", handlerDone, ended("done")],
    ["of a call whose handler runs on, when that ends", ended("running"), handlerDone],
    ["of a handler that runs on for too long, when its time is over", ended("running"), unheeded],
  ])("is free %s, and then for good", (_when, ...events) => {
    const admission = new Admission(1);
    const method = methodOf(false);
    const place = placeOf(admission, method);
    for (const happen of events) {
      expect(admission.begin(method, FOREVER)).not.toBeInstanceOf(CallPlace);
      happen(place);
    }
    expect(admission.begin(method, FOREVER)).toBeInstanceOf(CallPlace);
    // What comes late gives nobody else's place away.
    handlerDone(place);
    unheeded(place);
    expect(admission.begin(method, FOREVER)).not.toBeInstanceOf(CallPlace);
  });
});

describe("a server with a limit", () => {
  let server: TestServer;
  let client: RawClient;
  afterEach(async () => {
    client.close();
    await server.close();
  });

  it("refuses what is beyond it with a pushback, before the body, and answers for its health", async () => {
    const finish: (() => void)[] = [];
    const logger = new MemoryLogger();
    const servicer = {
      unary: ({ id }: { id: string }) =>
        new Promise<{ id: string }>((resolve) => {
          finish.push(() => resolve({ id }));
        }),
    };
    server = await startTestServer([bindProbe(servicer)], { logger, maxConcurrentCalls: 2 });
    client = new RawClient(server.address);
    const running = [client.call(unary, [{ id: "a" }]), client.call(unary, [{ id: "b" }])];
    await vi.waitFor(() => expect(finish).toHaveLength(2));
    // No message comes, and none is waited for.
    const refused = await client.open(unary).seen;
    expect(refused.code).toBe(GrpcStatus.UNAVAILABLE);
    expect(unpackPushback(refused.trailers)).toBeGreaterThan(0);
    expect((await client.call(Health.method.check, [{}])).code).toBe(GrpcStatus.OK);
    for (const each of finish) {
      each();
    }
    expect((await Promise.all(running)).map(({ code }) => code)).toEqual([GrpcStatus.OK, GrpcStatus.OK]);
    await vi.waitFor(() =>
      expect(logger.lines.find(({ message }) => message === "server.calls_unbegun")).toMatchObject({
        level: "warn",
        fields: { left: 0, shed: 1 },
      }),
    );
    expect(logger.lines.filter(({ fields }) => fields.status === "UNAVAILABLE").map(({ level }) => level)).toEqual([
      "debug",
    ]);
    const again = client.call(unary, [{}]);
    await vi.waitFor(() => expect(finish).toHaveLength(3));
    finish[2]?.();
    expect((await again).code).toBe(GrpcStatus.OK);
  });

  it("counts a call that its caller has given up for as long as its handler runs", async () => {
    const finish: (() => void)[] = [];
    const servicer = {
      unary: ({ id }: { id: string }) =>
        new Promise<{ id: string }>((resolve) => {
          finish.push(() => resolve({ id }));
        }),
    };
    server = await startTestServer([bindProbe(servicer)], { logger: new MemoryLogger(), maxConcurrentCalls: 1 });
    client = new RawClient(server.address);
    const left = client.open(unary);
    void left.send({ id: "left" });
    left.halfClose();
    await vi.waitFor(() => expect(finish).toHaveLength(1));
    left.cancel();
    expect((await left.seen).code).toBe(GrpcStatus.CANCELLED);
    // The connection is the same: the server has read the reset before it reads this.
    expect((await client.call(unary, [{}])).code).toBe(GrpcStatus.UNAVAILABLE);
    finish[0]?.();
    const next = client.call(unary, [{ id: "next" }]);
    await vi.waitFor(() => expect(finish).toHaveLength(2));
    finish[1]?.();
    expect((await next).code).toBe(GrpcStatus.OK);
  });
});
