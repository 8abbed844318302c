import * as grpc from "@grpc/grpc-js";
import {
  status as GrpcStatus,
  Metadata,
  ResponderBuilder,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
} from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { type ProbeRequest, type ProbeResponse, ProbeService } from "../../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe, type ProbeServicer } from "../../../test-support/probe-service.js";
import { RawClient } from "../../../test-support/raw-client.js";
import { RawHttp2 } from "../../../test-support/raw-http2.js";
import { MemoryLogger, startTestServer, type TestServer } from "../../testing/index.js";
import type { ServerOptions } from "../server.js";

const { unary, bidiStream, serverStream } = ProbeService.method;

let running: TestServer;
let client: RawClient;
let logger: MemoryLogger;

afterEach(async () => {
  client.close();
  await running.close();
});

async function serve(servicer: ProbeServicer, options: ServerOptions): Promise<void> {
  logger = new MemoryLogger();
  running = await startTestServer([bindProbe(servicer)], { logger, ...options });
  client = new RawClient(running.address);
}

const echo: ProbeServicer = {
  unary: ({ id }) => ({ id }),
  async *bidiStream(requests) {
    for await (const { id } of requests) {
      yield { id };
    }
  },
};

const lines = (name: string) => logger.lines.filter(({ message }) => message === name);

it("stand between the transport and the handler, and see messages", async () => {
  const seen: string[] = [];
  const shouting: ServerInterceptor = (definition, call) =>
    new ServerInterceptingCall(call, {
      ...new ResponderBuilder()
        .withStart((next) => {
          next(
            new ServerListenerBuilder()
              .withOnReceiveMessage((message: ProbeRequest, nextMessage) => {
                seen.push(`${definition.path} ${message.id}`);
                nextMessage({ ...message, id: message.id.toUpperCase() });
              })
              .build(),
          );
        })
        .withSendMessage((message: ProbeResponse, next) => next({ ...message, id: `${message.id}!` }))
        .withSendStatus((status, next) => {
          const metadata = status.metadata ?? new Metadata();
          metadata.set("x-intercepted", "yes");
          next({ ...status, metadata });
        })
        .build(),
    });
  await serve(echo, { interceptors: [shouting] });
  const one = await client.call(unary, [{ id: "a" }]);
  expect(one.responses[0]?.id).toBe("A!");
  expect(one.trailers.get("x-intercepted")).toEqual(["yes"]);
  const two = await client.call(bidiStream, [{ id: "b" }, { id: "c" }]);
  expect(two.responses.map(({ id }) => id)).toEqual(["B!", "C!"]);
  expect(seen).toEqual(
    ["a", "b", "c"].map((id) => `/probe.v1.ProbeService/${id === "a" ? "Unary" : "BidiStream"} ${id}`),
  );
});

it("may refuse a call, which is logged all the same", async () => {
  let called = false;
  const refusing: ServerInterceptor = (_definition, call) =>
    new ServerInterceptingCall(call, {
      start: () => call.sendStatus({ code: GrpcStatus.PERMISSION_DENIED, details: "not today" }),
    });
  await serve(
    {
      unary: () => {
        called = true;
        return {};
      },
    },
    { interceptors: [refusing] },
  );
  const seen = await client.call(unary, [{}]);
  expect(seen.code).toBe(GrpcStatus.PERMISSION_DENIED);
  expect(called).toBe(false);
  await expect.poll(() => lines("unary.response")).toMatchObject([{ fields: { status: "PERMISSION_DENIED" } }]);
  expect(lines("unary.request")).toHaveLength(1);
});

it("may change the status, and the log says which one left", async () => {
  const hiding: ServerInterceptor = (_definition, call) =>
    new ServerInterceptingCall(call, {
      sendStatus: (status, next) => next({ ...status, code: GrpcStatus.DATA_LOSS }),
    });
  await serve(echo, { interceptors: [hiding] });
  expect((await client.call(unary, [{}])).code).toBe(GrpcStatus.DATA_LOSS);
  await expect.poll(() => lines("unary.response")).toMatchObject([{ fields: { status: "DATA_LOSS" } }]);
});

it("may throw, which ends the call and not the process", async () => {
  const broken: ServerInterceptor = () => {
    throw new Error("the interceptor is broken");
  };
  await serve(echo, { interceptors: [broken] });
  expect((await client.call(unary, [{}])).code).toBe(GrpcStatus.INTERNAL);
  await expect
    .poll(() => lines("unary.response"))
    .toMatchObject([{ fields: { status: "INTERNAL", err: { message: "the interceptor is broken" } } }]);
});

it("may take their time, and the call may end meanwhile", async () => {
  let start: () => void = () => {};
  let called = false;
  const slow: ServerInterceptor = (_definition, call) =>
    new ServerInterceptingCall(call, {
      start: (next) => {
        start = next;
      },
    });
  await serve(
    {
      unary: () => {
        called = true;
        return {};
      },
    },
    { interceptors: [slow] },
  );
  const call = client.open(unary);
  await call.send({});
  call.halfClose();
  const http2 = new RawHttp2(running.address);
  http2.write(RawHttp2.headers("/probe.v1.ProbeService/Unary"), RawHttp2.emptyMessage(), RawHttp2.cancel());
  await expect.poll(() => lines("unary.response")).toMatchObject([{ fields: { status: "CANCELLED" } }]);
  start();
  call.cancel();
  await expect.poll(() => lines("unary.response")).toHaveLength(2);
  expect(called).toBe(false);
  http2.socket.destroy();
});

it("don't keep faults of messages from being told", async () => {
  const idle: ServerInterceptor = (_definition, call) => new ServerInterceptingCall(call);
  await serve(
    {
      unary: () => ({ count: "many" as unknown as bigint }),
      async *serverStream() {
        yield { padding: new Uint8Array(5 * 1024 * 1024) };
      },
    },
    { interceptors: [idle] },
  );
  const undecodable = await client.call(unary, [{}], { encode: () => Buffer.from([0x0a, 0xff]) });
  expect(undecodable.details).toBe("Error deserializing request");
  expect((await client.call(unary, [{}])).details).toMatch(/^Error serializing response \(error id/);
  expect((await client.call(serverStream, [{}])).code).toBe(GrpcStatus.RESOURCE_EXHAUSTED);
  await expect.poll(() => [...lines("unary.response"), ...lines("serverStream.response")]).toHaveLength(3);
});

it("of the credentials come before all others", async () => {
  const order: string[] = [];
  const noting =
    (name: string): ServerInterceptor =>
    (_definition, call) => {
      order.push(name);
      return new ServerInterceptingCall(call);
    };
  const credentials = grpc.experimental.createServerCredentialsWithInterceptors(ServerCredentials.createInsecure(), [
    noting("credentials"),
  ]);
  await serve(
    { unary: ({ id }) => ({ id }), serverStream: () => new Promise(() => {}) as never },
    { credentials, interceptors: [noting("user")] },
  );
  expect((await client.call(unary, [{ id: "a" }])).responses[0]?.id).toBe("a");
  expect(order).toEqual(["credentials", "user"]);
  // The status that grpc-js sends by itself is seen below them too.
  const metadata = new Metadata();
  metadata.set("grpc-timeout", "50m");
  const { code } = await client.call(serverStream, [{}], { metadata });
  expect(code).toBe(GrpcStatus.DEADLINE_EXCEEDED);
  await expect.poll(() => lines("serverStream.response")).toMatchObject([{ fields: { status: "DEADLINE_EXCEEDED" } }]);
});
