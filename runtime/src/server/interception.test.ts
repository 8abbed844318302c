import { status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { RefusedCall } from "../call/call-failure.js";
import type { HandlerInterceptor } from "../call/handler-interceptor.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { Status } from "../wire/status.js";

// What handler interceptors see of a call, and what they may do: what users did with grpc-js's server interceptors.

let server: TestServer;
let client: RawClient;

afterEach(async () => {
  client.close();
  await server.close();
});

async function serve(...handlerInterceptors: HandlerInterceptor[]): Promise<void> {
  const service = bindProbe(servicerOf(({ id }) => ({ id: `${id}!` })));
  server = await startTestServer([service], { handlerInterceptors, logger: new MemoryLogger() });
  client = new RawClient(server.address);
}

describe.each(KINDS)("%s", (kind) => {
  const method = ProbeService.method[kind];

  it("may refuse a call of which nothing but the headers has come", async () => {
    await serve(async () => {
      throw new RefusedCall(Status.PERMISSION_DENIED, "not today");
    });
    // Neither a message nor a half-close: only headers.
    expect(await client.open(method).seen).toMatchObject({ code: GrpcStatus.PERMISSION_DENIED, details: "not today" });
  });

  it("see and replace requests and responses, the first interceptor outermost", async () => {
    const seen: string[] = [];
    const marking =
      (mark: string): HandlerInterceptor =>
      (_context, next, call) => {
        call.onRequest((message) => {
          seen.push(`${mark} request`);
          return { ...message, id: `${(message as { id?: string }).id}${mark}` } as typeof message;
        });
        call.onResponse((message) => {
          seen.push(`${mark} response`);
          return { ...message, id: `${(message as { id?: string }).id}${mark}` } as typeof message;
        });
        return next();
      };
    await serve(marking("1"), marking("2"));
    const { responses, code } = await client.call(method, [{ id: "a" }]);
    expect(code).toBe(GrpcStatus.OK);
    expect(responses.map(({ id }) => id)).toEqual(["a12!21"]);
    expect(seen).toEqual(["1 request", "2 request", "2 response", "1 response"]);
  });

  it("may set headers and trailers, and change how the call ends", async () => {
    await serve(async (context, next) => {
      context.responseHeaders.set("x-before", "1");
      await next();
      context.responseTrailers.set("x-after", "2");
      if (context.requestMetadata.get("x-fail").length > 0) {
        throw new RefusedCall(Status.DATA_LOSS, "lost");
      }
    });
    const seen = await client.call(method, [{}]);
    expect(seen.headers?.get("x-before")).toEqual(["1"]);
    expect(seen.trailers.get("x-after")).toEqual(["2"]);
  });

  it.each(["request", "response"] as const)("a watcher of a %s that throws ends the call", async (which) => {
    await serve((_context, next, call) => {
      const broken = () => {
        throw new Error("broken");
      };
      if (which === "request") {
        call.onRequest(broken);
      } else {
        call.onResponse(broken);
      }
      return next();
    });
    const seen = await client.call(method, [{}]);
    expect(seen.code).toBe(GrpcStatus.INTERNAL);
    expect(seen.details).not.toContain("broken");
  });

  it("get the request of a method that takes one when they ask for it", async () => {
    let asked: unknown;
    await serve(async (_context, next, call) => {
      asked = await call.request().then(
        (request) => (request as { id?: string }).id,
        (error: Error) => error.name,
      );
      await next();
    });
    const { responses } = await client.call(method, [{ id: "a" }]);
    expect(responses.map(({ id }) => id)).toEqual(["a!"]);
    expect(asked).toBe(kind === "unary" || kind === "serverStream" ? "a" : "TypeError");
  });
});

it("a request that is asked for and never comes is an error when the call ends", async () => {
  const outcomes: unknown[] = [];
  await serve(async (_context, next, call) => {
    await call.request().catch((error: Error) => outcomes.push(error.name));
    await next();
  });
  const call = client.open(ProbeService.method.unary);
  await new Promise((resolve) => setTimeout(resolve, 50));
  call.cancel();
  await expect.poll(() => outcomes).toEqual(["AbortError"]);
});
