import type { Message } from "@bufbuild/protobuf";
import { InterceptingCall } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { insecureChannel, type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import { InsufficientFundsError } from "../../test-support/probe-errors.js";
import { callOnce, KINDS, type Kind, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, TooLowError } from "../../test-support/probe-service.js";
import { insufficientFunds } from "../../test-support/probe-statuses.js";
import { startRawServer } from "../../test-support/raw-server.js";
import type { CallContext } from "../call/call-context.js";
import { UnusableAnswer } from "../call/call-failure.js";
import type { Channel } from "../channel/channel.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { Status } from "../wire/status.js";
import type { CallInterceptor, ClientCallContext } from "./call-interceptor.js";
import type { ClientOptions } from "./client-options.js";

// What interceptors see of a client's calls, and what they may do: the mirror of interception.test.ts.

const NO_DEADLINE = { timeoutMs: Number.POSITIVE_INFINITY };

let server: TestServer;
let channel: Channel;
let served: CallContext[];

afterEach(async () => {
  channel.close();
  await server.close();
});

async function connect(
  callInterceptors: readonly CallInterceptor[],
  more: ClientOptions = {},
  fails?: Error,
): Promise<ProbeClient> {
  served = [];
  const servicer = servicerOf(({ id }, context) => {
    served.push(context);
    context.responseHeaders.set("x-header", "h");
    context.responseTrailers.set("x-trailer", "t");
    if (fails !== undefined) {
      throw fails;
    }
    return { id: `${id}!` };
  });
  server = await startTestServer([bindProbe(servicer)], { logger: new MemoryLogger() });
  channel = insecureChannel(server.address);
  return probeClient(channel, { ...more, callInterceptors });
}

/** What a promise rejects with. */
function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

const withId = (message: Message, mark: string): Message =>
  ({ ...message, id: `${(message as Message & { id: string }).id}${mark}` }) as Message;

const DONE = { name: "interceptor" };

describe.each(KINDS)("%s", (kind: Kind) => {
  it("see and replace requests and responses, the first outermost, and grpc-js's own further in", async () => {
    const seen: string[] = [];
    const marking =
      (mark: string): CallInterceptor =>
      async (_context, next, call) => {
        seen.push(`${mark} before`);
        call.onRequest((message) => {
          seen.push(`${mark} request`);
          return withId(message, mark);
        });
        call.onResponse((message) => {
          seen.push(`${mark} response`);
          return withId(message, mark);
        });
        await next();
        seen.push(`${mark} after`);
      };
    const client = await connect([marking("1"), marking("2")], {
      interceptors: [
        (options, nextCall) => {
          seen.push("grpc-js");
          return new InterceptingCall(nextCall(options));
        },
      ],
    });
    expect((await callOnce(client, kind, { id: "a" })).id).toBe("a12!21");
    expect(seen.filter((each) => !each.includes("re"))).toEqual(["grpc-js", "2 after", "1 after"]);
    expect(seen.filter((each) => /request|response/.test(each))).toEqual([
      ...["1 request", "2 request", "2 response", "1 response"],
    ]);
    expect(seen.slice(0, 2)).toEqual(["1 before", "2 before"]);
  });

  it("know the call, and set what is sent with it", async () => {
    let context: ClientCallContext | undefined;
    const client = await connect(
      [
        async (each, next) => {
          context = each;
          each.metadata.set("x-tenant", "acme");
          each.metadata.remove("x-default");
          await next();
        },
      ],
      { defaultMetadata: { "x-default": "1", "x-kept": "2" } },
    );
    await callOnce(client, kind, { id: "a" }, { metadata: { "x-own": "3" }, timeoutMs: 60_000 });
    const [sent] = served;
    const values = ["x-tenant", "x-default", "x-kept", "x-own"].map((key) => sent?.requestMetadata.get(key)[0]);
    expect(values).toEqual(["acme", undefined, "2", "3"]);
    expect(context?.path.toLowerCase()).toBe(`/probe.v1.probeservice/${kind.toLowerCase()}`);
    expect(context?.method.localName).toBe(kind);
    expect(context?.timeRemaining()).toBeGreaterThan(0);
    expect(context?.responseHeaders?.get("x-header")).toEqual(["h"]);
    expect(context?.responseTrailers?.get("x-trailer")).toEqual(["t"]);
    expect(context?.signal.aborted).toBe(true);
  });

  it("may refuse a call that then isn't made, with an error that the caller gets as it is", async () => {
    const client = await connect([
      async () => {
        throw DONE;
      },
    ]);
    expect(await rejection(callOnce(client, kind))).toBe(DONE);
    expect(served).toEqual([]);
  });

  it("see the error that the call ended with, and may make another of it", async () => {
    let seen: unknown;
    const client = await connect(
      [
        async (_context, next) => {
          await next().catch((error: unknown) => {
            seen = error;
            throw DONE;
          });
        },
      ],
      {},
      new TooLowError({ balance: "1" }),
    );
    expect(await rejection(callOnce(client, kind))).toBe(DONE);
    expect(seen).toMatchObject({ status: Status.FAILED_PRECONDITION, remote: true });
  });

  it("can't have a call that failed end well", async () => {
    const client = await connect([(_context, next) => next().catch(() => {})], {}, new TooLowError({ balance: "1" }));
    expect(await rejection(callOnce(client, kind))).toMatchObject({ status: Status.FAILED_PRECONDITION });
  });

  it.each([
    ["returns before the call", async () => {}, /returned before its call: it must await next\(\)/],
    [
      "calls next() twice",
      async (_context: unknown, next: () => Promise<void>) => {
        await next();
        await next();
      },
      /called next\(\) twice/,
    ],
  ])("fail a call if one %s", async (_what, interceptor, message) => {
    const client = await connect([interceptor]);
    const error = await rejection(callOnce(client, kind));
    expect(error).toBeInstanceOf(UnusableAnswer);
    expect(String(error)).toMatch(message);
  });

  it("end with the call's deadline, whatever they are doing", async () => {
    let signal: AbortSignal | undefined;
    const client = await connect([
      (context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
    ]);
    const error = await rejection(callOnce(client, kind, {}, { timeoutMs: 20 }));
    expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(signal?.aborted).toBe(true);
    expect(served).toEqual([]);
  });

  it("end with the call's deadline behind the call, too", async () => {
    const client = await connect([
      async (_context, next) => {
        await next();
        await new Promise(() => {});
      },
    ]);
    const error = await rejection(callOnce(client, kind, {}, { timeoutMs: 500 }));
    expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
  });

  it("end when the caller aborts the call", async () => {
    const controller = new AbortController();
    const client = await connect([
      (context) => {
        controller.abort(new Error("enough"));
        expect(context.signal.aborted).toBe(true);
        return new Promise(() => {});
      },
    ]);
    const error = await rejection(callOnce(client, kind, {}, { ...NO_DEADLINE, signal: controller.signal }));
    expect(error).toMatchObject({ status: Status.CANCELLED, cause: controller.signal.reason });
  });

  it("end a call by what they throw at a request or a response", async () => {
    for (const on of ["onRequest", "onResponse"] as const) {
      const client = await connect([
        (_context, next, call) => {
          call[on](() => {
            throw DONE;
          });
          return next();
        },
      ]);
      expect(await rejection(callOnce(client, kind)), on).toBe(DONE);
      if (on === "onRequest") {
        channel.close();
        await server.close();
      }
    }
  });

  it("aren't asked about a call that can't be made", async () => {
    let asked = false;
    const client = await connect([
      (_context, next) => {
        asked = true;
        return next();
      },
    ]);
    const late = await rejection(callOnce(client, kind, {}, { timeoutMs: 0 }));
    expect(late).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    const unsendable = await rejection(callOnce(client, kind, {}, { metadata: { "x y": "" } }));
    expect(unsendable).toMatchObject({ status: Status.INTERNAL });
    expect(asked).toBe(false);
  });

  it("have the request of a method that takes one", async () => {
    let request: Promise<Message> | undefined;
    const client = await connect([
      (_context, next, call) => {
        request = call.request();
        request.catch(() => {});
        return next();
      },
    ]);
    await callOnce(client, kind, { id: "a" });
    if (kind === "unary" || kind === "serverStream") {
      expect(await request).toMatchObject({ $typeName: "probe.v1.ProbeRequest", id: "a" });
    } else {
      expect(await rejection(request ?? Promise.resolve())).toBeInstanceOf(TypeError);
    }
  });
});

describe.each(["serverStream", "bidiStream"] as const)("%s", (kind) => {
  it("is over for interceptors when the reader leaves the loop", async () => {
    let seen: unknown;
    let signal: AbortSignal | undefined;
    const client = await connect([
      async (context, next) => {
        signal = context.signal;
        await next().catch((error: unknown) => {
          seen = error;
        });
      },
    ]);
    const stream = kind === "serverStream" ? client.serverStream({ id: "a" }) : client.bidiStream([{ id: "a" }]);
    for await (const response of stream) {
      expect(response.id).toBe("a!");
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toMatchObject({ status: Status.CANCELLED });
    expect(signal?.aborted).toBe(true);
    expect(stream.received).toBe(1);
  });

  it("tells its end when interceptors are through", async () => {
    const order: string[] = [];
    const client = await connect([
      async (_context, next) => {
        await next();
        await new Promise((resolve) => setImmediate(resolve));
        order.push("interceptor");
      },
    ]);
    await callOnce(client, kind, { id: "a" });
    order.push("caller");
    expect(order).toEqual(["interceptor", "caller"]);
  });
});

describe("result", () => {
  it("goes through interceptors, and knows a declared error that they hand on", async () => {
    const raw = await startRawServer({ unary: (_call, callback) => callback(insufficientFunds()) });
    const own = insecureChannel(raw.target);
    const client = await connect([(_context, next) => next()]);
    expect(await client.unary.result({ id: "a" })).toMatchObject({ ok: true, value: { id: "a!" } });
    let seen: unknown;
    const failing = probeClient(own, {
      callInterceptors: [
        (_context, next) =>
          next().catch((error: unknown) => {
            seen = error;
            throw error;
          }),
      ],
    });
    const { error } = await failing.unary.result({});
    expect(error).toBeInstanceOf(InsufficientFundsError);
    expect(error).toBe(seen);
    own.close();
    raw.close();
  });
});
