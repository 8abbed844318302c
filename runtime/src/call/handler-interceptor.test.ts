import { AsyncLocalStorage } from "node:async_hooks";
import { status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, type ProbeServicer, TooLowError } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { Health } from "../gen/grpc/health/v1/health_pb.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { createContextKey } from "./call-context.js";
import { currentCall } from "./current-call.js";
import type { HandlerInterceptor } from "./handler-interceptor.js";

let server: TestServer;
let logger: MemoryLogger;

afterEach(() => server.close());

async function serve(servicer: ProbeServicer, ...handlerInterceptors: HandlerInterceptor[]): Promise<ProbeClient> {
  logger = new MemoryLogger();
  server = await startTestServer([bindProbe(servicer)], { handlerInterceptors, logger });
  return probeClient(server.channel);
}

const tenant = createContextKey("tenant", "nobody");

describe.each(KINDS)("%s", (kind) => {
  it("runs the first outermost, around the handler, with its values and its async context", async () => {
    const order: string[] = [];
    const storage = new AsyncLocalStorage<string>();
    const client = await serve(
      servicerOf(async (_request, context) => {
        order.push(`handler for ${context.values.get(tenant)}`);
        await new Promise((resolve) => setImmediate(resolve));
        return { id: `${storage.getStore()} ${currentCall() === context}` };
      }),
      async (context, next) => {
        order.push("first in");
        context.values.set(tenant, "acme");
        await next();
        order.push("first out");
      },
      async (_context, next) => {
        order.push("second in");
        await storage.run("inside", next);
        order.push("second out");
      },
    );
    expect((await callOnce(client, kind)).id).toBe("inside true");
    expect(order).toEqual(["first in", "second in", "handler for acme", "second out", "first out"]);
  });

  it("fails the call with what is thrown before, behind, or in place of the handler's error", async () => {
    const seen: unknown[] = [];
    const client = await serve(
      servicerOf(({ action }) => {
        if (action.includes("handler")) {
          throw new Error("the handler's");
        }
        return {};
      }),
      async ({ requestMetadata }, next) => {
        const where = requestMetadata.get("where").join();
        if (where === "before") {
          throw new TooLowError({ balance: "before" });
        }
        await next().catch((error: unknown) => {
          seen.push(error);
          throw new TooLowError({ balance: "instead" });
        });
        if (where === "behind") {
          throw new TooLowError({ balance: "behind" });
        }
      },
    );
    for (const [where, action] of [
      ["before", ""],
      ["behind", ""],
      ["instead", "handler"],
    ] as const) {
      await expect(callOnce(client, kind, { action }, { metadata: { where } })).rejects.toMatchObject({
        status: GrpcStatus.FAILED_PRECONDITION,
        message: `Balance ${where} is too low`,
      });
    }
    expect(seen).toEqual([expect.objectContaining({ message: "the handler's" })]);
    await expect.poll(() => logger.lines.filter(({ message }) => message === `${kind}.response`)).toHaveLength(3);
  });

  it("never lets a call end well whose handler threw", async () => {
    const client = await serve(
      servicerOf(() => {
        throw new TooLowError({ balance: "1" });
      }),
      async (_context, next) => {
        await next().catch(() => {});
      },
    );
    await expect(callOnce(client, kind)).rejects.toMatchObject({ status: GrpcStatus.FAILED_PRECONDITION });
  });

  it("hears of a caller that leaves", async () => {
    const abort = new AbortController();
    const heard: unknown[] = [];
    const client = await serve(
      servicerOf(async (_request, { signal }) => {
        abort.abort();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        throw signal.reason;
      }),
      async ({ signal }, next) => {
        await next().catch((error: unknown) => heard.push(error === signal.reason));
      },
    );
    await expect(callOnce(client, kind, {}, { signal: abort.signal })).rejects.toMatchObject({
      status: GrpcStatus.CANCELLED,
    });
    await expect.poll(() => heard).toEqual([true]);
    await expect.poll(() => logger.lines.filter(({ message }) => message === `${kind}.response`)).toHaveLength(1);
  });
});

it.each<[string, HandlerInterceptor, RegExp]>([
  ["calls no next", async () => {}, /returned before its handler: it must await next\(\)/],
  [
    "calls next twice",
    async (_context, next) => {
      await next();
      await next();
    },
    /called next\(\) twice/,
  ],
])("one that %s is told so in the log", async (_what, interceptor, message) => {
  const client = await serve(
    servicerOf(() => ({})),
    interceptor,
  );
  await expect(client.unary({})).rejects.toMatchObject({ status: GrpcStatus.INTERNAL });
  await expect
    .poll(() => logger.lines.find(({ message }) => message === "unary.response")?.fields.err)
    .toMatchObject({ message: expect.stringMatching(message) });
});

it("the server's own services have none around them", async () => {
  let called = false;
  await serve({}, async (_context, next) => {
    called = true;
    await next();
  });
  const raw = new RawClient(server.address);
  expect((await raw.call(Health.method.check, [{}])).code).toBe(GrpcStatus.OK);
  raw.close();
  expect(called).toBe(false);
});
