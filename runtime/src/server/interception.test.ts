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
/** How often the handler has run. */
let handled: number;

afterEach(async () => {
  client.close();
  await server.close();
});

async function serve(...handlerInterceptors: HandlerInterceptor[]): Promise<void> {
  handled = 0;
  const service = bindProbe(
    servicerOf(({ id }) => {
      handled += 1;
      return { id: `${id}!` };
    }),
  );
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

describe.each(KINDS)("%s, whose interceptor takes longer than the call", (kind) => {
  /** Cancels the call while its interceptor runs, and returns how what the interceptor then does comes out. */
  async function late(before: HandlerInterceptor, after: HandlerInterceptor): Promise<unknown> {
    let outcome: unknown;
    let isIn = false;
    await serve(async (context, next, call) => {
      await before(context, next, call);
      isIn = true;
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      outcome = await after(context, next, call).then(
        () => "done",
        (error: Error) => error.name,
      );
    });
    const call = client.open(ProbeService.method[kind]);
    void call.send({ id: "a" });
    call.halfClose();
    await expect.poll(() => isIn).toBe(true);
    call.cancel();
    await expect.poll(() => outcome).toBeDefined();
    return outcome;
  }

  it("never begins its handler", async () => {
    expect(
      await late(
        async () => {},
        (_context, next) => next(),
      ),
    ).toBe("AbortError");
    expect(handled).toBe(0);
  });

  if (kind === "unary" || kind === "serverStream") {
    it("never begins its handler either if the request had come", async () => {
      const read: HandlerInterceptor = async (_context, _next, call) => void (await call.request());
      expect(await late(read, (_context, next) => next())).toBe("AbortError");
      expect(handled).toBe(0);
    });

    it("says so to an interceptor that asks for the request then", async () => {
      expect(
        await late(
          async () => {},
          async (_context, _next, call) => void (await call.request()),
        ),
      ).toBe("AbortError");
    });
  }
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
