import { create } from "@bufbuild/protobuf";
import { afterEach, expect, it } from "vitest";
import { ProbeResponseSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import {
  BusyError,
  bindProbe,
  PROBE_ERROR_MAP,
  type ProbeServicer,
  TooLowError,
} from "../../test-support/probe-service.js";
import type { CallContext } from "../call/call-context.js";
import type { Channel } from "../channel/channel.js";
import { bindClient } from "../client/bind-client.js";
import { startTestServer, type TestServer } from "../testing/test-server.js";

// The two halves of the runtime, against each other.

const open: TestServer[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(servicer: ProbeServicer): Promise<Channel> {
  const server = await startTestServer([bindProbe(servicer)]);
  open.push(server);
  return server.channel;
}

function clientOf(channel: Channel) {
  const client = bindClient(ProbeService, PROBE_ERROR_MAP, channel);
  const policy = { raises: [TooLowError, BusyError], timeoutMs: 10_000 };
  return {
    unary: client.unary(ProbeService.method.unary, policy),
    clientStream: client.clientStreaming(ProbeService.method.clientStream, policy),
    serverStream: client.serverStreaming(ProbeService.method.serverStream, policy),
    bidiStream: client.bidiStreaming(ProbeService.method.bidiStream, policy),
  };
}

async function* ids(...values: string[]): AsyncGenerator<{ id: string }> {
  for (const id of values) {
    yield { id };
  }
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("resolved"),
    (error: unknown) => error,
  );
}

it("calls of all four kinds", async () => {
  const client = clientOf(
    await serve({
      unary: ({ id }) => ({ id }),
      clientStream: async (requests) => {
        const seen: string[] = [];
        for await (const { id } of requests) {
          seen.push(id);
        }
        return { id: seen.join() };
      },
      async *serverStream({ id }) {
        yield { id: `${id}1` };
        yield { id: `${id}2` };
      },
      async *bidiStream(requests) {
        for await (const { id } of requests) {
          yield { id: `${id}!` };
        }
      },
    }),
  );
  expect(await client.unary({ id: "u" })).toEqual(create(ProbeResponseSchema, { id: "u" }));
  expect((await client.clientStream(ids("a", "b"))).id).toBe("a,b");
  const seen: string[] = [];
  for await (const { id } of client.serverStream({ id: "s" })) {
    seen.push(id);
  }
  for await (const { id } of client.bidiStream(ids("a", "b"))) {
    seen.push(id);
  }
  expect(seen).toEqual(["s1", "s2", "a!", "b!"]);
});

it("an error is the same class on both sides", async () => {
  const client = clientOf(
    await serve({
      unary: () => {
        throw new TooLowError({ balance: "5" });
      },
      // biome-ignore lint/correctness/useYield: it fails before
      async *serverStream() {
        throw new BusyError();
      },
    }),
  );
  const { error } = await client.unary.result({});
  expect(error).toBeInstanceOf(TooLowError);
  expect(error).toMatchObject({ metadata: { balance: "5" }, message: "Balance 5 is too low", remote: true });
  const busy = await rejection(client.serverStream({})[Symbol.asyncIterator]().next());
  expect(busy).toBeInstanceOf(BusyError);
  expect(busy).toMatchObject({ retryAfterMs: 1500 });
});

it("a deadline crosses three services, and a cancel stops all of them", async () => {
  const contexts: CallContext[] = [];
  let reached = (): void => {};
  const atTheEnd = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const last = clientOf(
    await serve({
      unary: (_request, context) => {
        contexts.push(context);
        reached();
        return new Promise(() => {});
      },
    }),
  );
  const middle = clientOf(
    await serve({
      unary: (_request, context) => {
        contexts.push(context);
        // Longer than what remains.
        return last.unary({}, { timeoutMs: 3_600_000 });
      },
    }),
  );
  const first = clientOf(
    await serve({
      unary: (_request, context) => {
        contexts.push(context);
        return middle.unary({}, { timeoutMs: 3_600_000 });
      },
    }),
  );
  const controller = new AbortController();
  const call = rejection(first.unary({}, { timeoutMs: 60_000, signal: controller.signal }));
  await atTheEnd;
  expect(contexts).toHaveLength(3);
  for (const context of contexts) {
    expect(context.timeRemaining()).toBeLessThanOrEqual(60_100);
  }
  controller.abort();
  expect(await call).toMatchObject({ code: "CANCELLED" });
  await Promise.all(
    contexts.map(({ signal }) => signal.aborted || new Promise((resolve) => signal.addEventListener("abort", resolve))),
  );
});
