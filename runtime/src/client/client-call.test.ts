import { getEventListeners } from "node:events";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  connectivityState,
  credentials,
  InterceptingCall,
  type Interceptor,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ProbeRequest, ProbeRequestSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import {
  DuplicateRequestError,
  InsufficientFundsError,
  ProbeCancelledError,
  ProbeError,
  ProbeResourceExhaustedError,
  ProbeUnavailableError,
  ProbeUnknownError,
} from "../../test-support/probe-errors.js";
import { insufficientFunds } from "../../test-support/probe-statuses.js";
import { type RawHandlers, type RawServer, startRawServer } from "../../test-support/raw-server.js";
import type { Channel } from "../channel/channel.js";
import { ContractError } from "../errors/contract-error.js";
import { Status } from "../wire/status.js";
import type { CallOptions } from "./client-method.js";
import type { ClientOptions } from "./client-options.js";

type RequestInit = MessageInitShape<typeof ProbeRequestSchema>;

/** Hands everything on at once, as an interceptor that only watches does. */
const passing: Interceptor = (options, nextCall) => new InterceptingCall(nextCall(options));

/** Hands everything on a little later, as an interceptor that fetches a token does. */
const delaying: Interceptor = (options, nextCall) =>
  new InterceptingCall(nextCall(options), {
    start: (metadata, _listener, next) => {
      setImmediate(() =>
        next(metadata, {
          onReceiveMetadata: (headers, nextHeaders) => setImmediate(() => nextHeaders(headers)),
          onReceiveMessage: (message, nextMessage) => setImmediate(() => nextMessage(message)),
          onReceiveStatus: (status, nextStatus) => setImmediate(() => nextStatus(status)),
        }),
      );
    },
  });

const PATHS: readonly [string, ClientOptions][] = [
  ["straight on the channel", {}],
  ["through an interceptor", { interceptors: [passing] }],
  ["through interceptors that take their time", { interceptors: [delaying, passing] }],
];

const KINDS: readonly [string, (client: ProbeClient, options?: CallOptions) => Promise<unknown>][] = [
  ["unary", (client, options) => client.unary({ id: "1" }, options)],
  ["client streaming", (client, options) => client.clientStream(two(), options)],
  ["server streaming", (client, options) => collect(client.serverStream({ id: "1" }, options))],
  ["bidi streaming", (client, options) => collect(client.bidiStream(two(), options))],
];

async function* two(): AsyncGenerator<RequestInit> {
  yield { id: "1" };
  yield { id: "2" };
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of stream) {
    all.push(message);
  }
  return all;
}

/** What a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

const open: { close(): void }[] = [];

afterEach(() => {
  for (const resource of open.splice(0).reverse()) {
    resource.close();
  }
});

async function serve(handlers: RawHandlers): Promise<{ server: RawServer; channel: Channel }> {
  const server = await startRawServer(handlers);
  const channel = insecureChannel(server.target);
  open.push(server, channel);
  return { server, channel };
}

/** Resolves when the channel has a connection. */
async function connected(channel: Channel): Promise<void> {
  let state = channel.getConnectivityState(true);
  while (state !== connectivityState.READY) {
    await new Promise<void>((resolve, reject) =>
      channel.watchConnectivityState(state, Date.now() + 10_000, (error) => (error ? reject(error) : resolve())),
    );
    state = channel.getConnectivityState(true);
  }
}

/** Handlers of all four kinds that fail with `error` once they have the first request. */
function failing(error: Partial<ServiceError>): RawHandlers {
  return {
    unary: (_call, callback) => callback(error),
    clientStream: (call, callback) => call.once("data", () => callback(error)),
    serverStream: (call) => call.emit("error", error),
    bidiStream: (call) => call.once("data", () => call.emit("error", error)),
  };
}

/** Handlers of all four kinds that never answer. `called` resolves when one runs, `cancelled` when its call is over. */
function silent(): { handlers: RawHandlers; called: Promise<void>; cancelled: Promise<void> } {
  let wasCalled = (): void => {};
  let wasCancelled = (): void => {};
  const called = new Promise<void>((resolve) => {
    wasCalled = resolve;
  });
  const cancelled = new Promise<void>((resolve) => {
    wasCancelled = resolve;
  });
  const hold = (call: { on(event: "cancelled", listener: () => void): unknown }): void => {
    call.on("cancelled", () => wasCancelled());
    wasCalled();
  };
  return {
    handlers: {
      unary: (call) => hold(call),
      clientStream: (call) => hold(call.resume()),
      serverStream: (call) => hold(call),
      bidiStream: (call) => hold(call.resume()),
    },
    called,
    cancelled,
  };
}

describe.each(PATHS)("%s", (_path, options) => {
  it("makes a unary call", async () => {
    const { channel } = await serve({
      unary: (call, callback) => callback(null, { id: call.request.id, padding: new Uint8Array([1, 2]) }),
    });
    const response = await probeClient(channel, options).unary({ id: "a" });
    expect(response.id).toBe("a");
    expect(response.$typeName).toBe("probe.v1.ProbeResponse");
    // What protobuf-es promises, and not a Buffer.
    expect(response.padding.constructor).toBe(Uint8Array);
  });

  it("sends a stream of requests, and half-closes", async () => {
    const { channel } = await serve({
      clientStream: (call, callback) => {
        const ids: string[] = [];
        call.on("data", (request: ProbeRequest) => ids.push(request.id));
        call.on("end", () => callback(null, { id: ids.join() }));
      },
    });
    const response = await probeClient(channel, options).clientStream(two());
    expect(response.id).toBe("1,2");
  });

  it("sends no request at all, and half-closes", async () => {
    const { channel } = await serve({
      clientStream: (call, callback) => {
        call.on("end", () => callback(null, { id: "none" }));
        call.resume();
      },
    });
    const none = (async function* (): AsyncGenerator<RequestInit> {})();
    expect((await probeClient(channel, options).clientStream(none)).id).toBe("none");
  });

  it("reads a stream of responses", async () => {
    const { channel } = await serve({
      serverStream: (call) => {
        for (let count = 0; count < 100; count += 1) {
          call.write({ id: call.request.id, count: BigInt(count) });
        }
        call.end();
      },
    });
    const responses = await collect(probeClient(channel, options).serverStream({ id: "s" }));
    expect(responses.map((response) => Number(response.count))).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it("reads an empty stream of responses", async () => {
    const { channel } = await serve({ serverStream: (call) => call.end() });
    expect(await collect(probeClient(channel, options).serverStream({}))).toEqual([]);
  });

  it("answers responses with requests", async () => {
    const { channel } = await serve({
      bidiStream: (call) => {
        call.on("data", (request: ProbeRequest) => call.write({ count: request.count + 1n }));
        call.on("end", () => call.end());
      },
    });
    const answers: ((count: bigint) => void)[] = [];
    async function* requests(): AsyncGenerator<RequestInit> {
      let count = 0n;
      while (count < 10n) {
        const answer = new Promise<bigint>((resolve) => answers.push(resolve));
        yield { count };
        count = await answer;
      }
    }
    const seen: bigint[] = [];
    for await (const { count } of probeClient(channel, options).bidiStream(requests())) {
      seen.push(count);
      answers.shift()?.(count);
    }
    expect(seen).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]);
  });

  it("gives all responses that came before an error, then the error", async () => {
    const { channel } = await serve({
      serverStream: (call) => {
        call.write({ id: "a" });
        call.write({ id: "b" });
        call.emit("error", insufficientFunds());
      },
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const response of probeClient(channel, options).serverStream({})) {
        seen.push(response.id);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    expect(await rejection(reading)).toBeInstanceOf(InsufficientFundsError);
    expect(seen).toEqual(["a", "b"]);
  });

  describe.each(KINDS)("%s", (_kind, call) => {
    it("throws a declared error", async () => {
      const { channel } = await serve(failing(insufficientFunds()));
      const error = await rejection(call(probeClient(channel, options)));
      expect(error).toBeInstanceOf(InsufficientFundsError);
      expect(error).toBeInstanceOf(ContractError);
      expect(error).toMatchObject({
        code: "INSUFFICIENT_FUNDS",
        status: Status.FAILED_PRECONDITION,
        message: "Balance 5 is below 7",
        metadata: { balance: "5", amount: "7" },
        remote: true,
      });
    });

    it("throws the category of a status without details", async () => {
      const { channel } = await serve(failing({ code: Status.UNAVAILABLE, details: "closed for today" }));
      const error = await rejection(call(probeClient(channel, options)));
      expect(error).toBeInstanceOf(ProbeUnavailableError);
      expect(error).toMatchObject({ code: "UNAVAILABLE", status: Status.UNAVAILABLE, message: "closed for today" });
    });

    it("throws a domain error where the method doesn't exist", async () => {
      const { channel } = await serve({});
      const error = await rejection(call(probeClient(channel, options)));
      expect(error).toBeInstanceOf(ProbeUnknownError);
      expect(error).toMatchObject({ code: "UNIMPLEMENTED", status: Status.UNIMPLEMENTED });
    });

    it("shows in the error's stack who waited for the call", async () => {
      const { channel } = await serve(failing({ code: Status.UNAVAILABLE, details: "closed" }));
      const client = probeClient(channel, options);
      async function whoCalls(): Promise<void> {
        await call(client);
      }
      const error = await rejection(whoCalls());
      expect(error).toMatchObject({ stack: expect.stringContaining("whoCalls") });
    });

    it("ends at its deadline when the server never answers", async () => {
      const { handlers, cancelled } = silent();
      const { channel } = await serve(handlers);
      const error = await rejection(call(probeClient(channel, options), { timeoutMs: 500 }));
      expect(error).toBeInstanceOf(ProbeUnavailableError);
      expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", status: Status.DEADLINE_EXCEEDED });
      await cancelled;
    });

    it.each([0, -1, Number.NEGATIVE_INFINITY])("makes no call when the timeout is %s", async (timeoutMs) => {
      const handler = vi.fn();
      const { channel } = await serve({
        unary: handler,
        clientStream: handler,
        serverStream: handler,
        bidiStream: handler,
      });
      const createCall = vi.spyOn(channel, "createCall");
      const error = await rejection(call(probeClient(channel, options), { timeoutMs }));
      expect(error).toBeInstanceOf(ProbeUnavailableError);
      expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", remote: true });
      expect(createCall).not.toHaveBeenCalled();
      expect(handler).not.toHaveBeenCalled();
    });

    it.each([Number.NaN, "5s" as unknown as number])("refuses the timeout %s", async (timeoutMs) => {
      const { channel } = await serve({});
      const error = await rejection(call(probeClient(channel, options), { timeoutMs }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: expect.stringContaining("timeoutMs must be a number") });
    });

    it("is cancelled by its signal, on both sides", async () => {
      const { handlers, called, cancelled } = silent();
      const { channel } = await serve(handlers);
      const controller = new AbortController();
      const reason = new Error("enough");
      const failed = rejection(call(probeClient(channel, options), { signal: controller.signal }));
      await called;
      controller.abort(reason);
      const error = await failed;
      expect(error).toBeInstanceOf(ProbeCancelledError);
      expect(error).toMatchObject({ code: "CANCELLED", status: Status.CANCELLED, cause: reason, remote: true });
      await cancelled;
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    });

    it("leaves nothing running on the server when it is cancelled at once", async () => {
      const running = new Set<unknown>();
      const hold = (call: { on(event: "cancelled", listener: () => void): unknown }): void => {
        running.add(call);
        call.on("cancelled", () => running.delete(call));
      };
      const { channel } = await serve({ unary: hold, clientStream: hold, serverStream: hold, bidiStream: hold });
      await connected(channel);
      const client = probeClient(channel, options);
      const controller = new AbortController();
      const failed = rejection(call(client, { timeoutMs: Number.POSITIVE_INFINITY, signal: controller.signal }));
      controller.abort();
      expect(await failed).toBeInstanceOf(ProbeCancelledError);
      // Whatever of the cancelled call reaches the server does so before this one.
      await rejection(call(client, { timeoutMs: 100 }));
      await vi.waitFor(() => expect(running.size).toBe(0));
    });

    it("makes no call when its signal is aborted already", async () => {
      const { channel } = await serve({});
      const createCall = vi.spyOn(channel, "createCall");
      const error = await rejection(call(probeClient(channel, options), { signal: AbortSignal.abort("no") }));
      expect(error).toBeInstanceOf(ProbeCancelledError);
      expect(error).toMatchObject({ cause: "no" });
      expect(createCall).not.toHaveBeenCalled();
    });

    it("leaves no listener on its signal, however it ends", async () => {
      const { channel } = await serve(failing({ code: Status.INTERNAL }));
      const { signal } = new AbortController();
      const client = probeClient(channel, options);
      const calls = Array.from({ length: 20 }, () => rejection(call(client, { signal })));
      expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1);
      await Promise.all(calls);
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
    });

    it("throws a domain error when the peer goes away", async () => {
      const { handlers, called } = silent();
      const { server, channel } = await serve(handlers);
      const failed = rejection(call(probeClient(channel, options)));
      await called;
      server.close();
      expect(await failed).toBeInstanceOf(ProbeError);
    });

    it("throws a domain error when nobody is there", async () => {
      const { server, channel } = await serve({});
      server.close();
      const error = await rejection(call(probeClient(channel, options)));
      expect(error).toBeInstanceOf(ProbeUnavailableError);
      expect(error).toMatchObject({ code: "UNAVAILABLE" });
    });

    it("throws a domain error when the channel is closed", async () => {
      const { channel } = await serve({});
      channel.close();
      const error = await rejection(call(probeClient(channel, options)));
      expect(error).toBeInstanceOf(ProbeUnavailableError);
      expect(error).toMatchObject({ message: expect.stringContaining("channel") });
    });

    it("refuses a response that is too large", async () => {
      const { channel } = await serve({
        unary: (_call, callback) => callback(null, { padding: new Uint8Array(100) }),
        clientStream: (call, callback) => call.once("data", () => callback(null, { padding: new Uint8Array(100) })),
        serverStream: (call) => call.write({ padding: new Uint8Array(100) }),
        bidiStream: (call) => call.write({ padding: new Uint8Array(100) }),
      });
      const error = await rejection(call(probeClient(channel, options, { maxResponseBytes: 50 })));
      expect(error).toBeInstanceOf(ProbeResourceExhaustedError);
      expect(error).toMatchObject({
        code: "RESOURCE_EXHAUSTED",
        message: "The response has 102 bytes; the contract allows 50",
      });
    });

    it("refuses a response that can't be decoded", async () => {
      const garbage = Buffer.from([0xff, 0xff, 0xff]) as never;
      const { channel } = await serve({
        unary: (_call, callback) => callback(null, garbage),
        clientStream: (call, callback) => call.once("data", () => callback(null, garbage)),
        serverStream: (call) => call.write(garbage),
        bidiStream: (call) => call.write(garbage),
      });
      const error = await rejection(call(probeClient(channel, options)));
      expect(error).toBeInstanceOf(ProbeUnknownError);
      expect(error).toMatchObject({
        code: "INTERNAL",
        status: Status.INTERNAL,
        message: expect.stringContaining("The response can't be decoded"),
        cause: expect.any(Error),
      });
    });

    it("sends the caller's metadata, and reads headers and trailers", async () => {
      const received: Metadata[] = [];
      const trailers = new Metadata();
      trailers.set("x-trailer", "t");
      const headers = new Metadata();
      headers.set("x-header", "h");
      const answer = (call: { metadata: Metadata; sendMetadata(metadata: Metadata): void }): void => {
        received.push(call.metadata);
        call.sendMetadata(headers);
      };
      const { channel } = await serve({
        unary: (call, callback) => {
          answer(call);
          callback(null, {}, trailers);
        },
        clientStream: (call, callback) => {
          answer(call);
          call.resume().on("end", () => callback(null, {}, trailers));
        },
        serverStream: (call) => {
          answer(call);
          call.end(trailers);
        },
        bidiStream: (call) => {
          answer(call);
          call.resume().on("end", () => call.end(trailers));
        },
      });
      const onHeaders = vi.fn();
      const onTrailers = vi.fn();
      const metadata = { "x-text": "text", "x-bytes-bin": new Uint8Array([1, 2, 3]) };
      await call(probeClient(channel, options), { metadata, onHeaders, onTrailers });
      expect(received[0]?.get("x-text")).toEqual(["text"]);
      expect(received[0]?.get("x-bytes-bin")).toEqual([Buffer.from([1, 2, 3])]);
      expect(onHeaders.mock.calls[0]?.[0].get("x-header")).toEqual(["h"]);
      expect(onTrailers.mock.calls[0]?.[0].get("x-trailer")).toEqual(["t"]);
    });

    it("reads the trailers of an error", async () => {
      const metadata = new Metadata();
      metadata.set("x-trailer", "t");
      const { channel } = await serve(failing({ code: Status.NOT_FOUND, details: "gone", metadata }));
      const onTrailers = vi.fn();
      await rejection(call(probeClient(channel, options), { onTrailers }));
      expect(onTrailers).toHaveBeenCalledTimes(1);
      expect(onTrailers.mock.calls[0]?.[0].get("x-trailer")).toEqual(["t"]);
    });

    it("throws what a callback of the caller's throws", async () => {
      const { channel } = await serve(failing({ code: Status.NOT_FOUND }));
      const thrown = new Error("mine");
      const onTrailers = (): void => {
        throw thrown;
      };
      expect(await rejection(call(probeClient(channel, options), { onTrailers }))).toBe(thrown);
    });

    it("throws a domain error for metadata that can't be sent", async () => {
      const { channel } = await serve({});
      const error = await rejection(call(probeClient(channel, options), { metadata: { "x-name": "Jürgen" } }));
      expect(error).toBeInstanceOf(ProbeUnknownError);
      expect(error).toMatchObject({ code: "INTERNAL", message: expect.stringContaining("metadata") });
    });
  });

  describe("requests", () => {
    it.each(KINDS)("%s: refuses one that is too large, before the server hears of it", async (_kind, call) => {
      const handler = vi.fn();
      const { channel } = await serve({ unary: handler, serverStream: handler });
      const error = await rejection(call(probeClient(channel, options, { maxRequestBytes: 2 })));
      expect(error).toBeInstanceOf(ProbeResourceExhaustedError);
      expect(error).toMatchObject({ message: "The request has 3 bytes; the contract allows 2" });
      expect(handler).not.toHaveBeenCalled();
    });

    it.each(KINDS)("%s: refuses one that can't be encoded", async (kind, _call) => {
      const { channel } = await serve({});
      const client = probeClient(channel, options);
      const wrong = { count: "many" } as unknown as RequestInit;
      const requests = (async function* () {
        yield wrong;
      })();
      const call = {
        unary: () => client.unary(wrong),
        "client streaming": () => client.clientStream(requests),
        "server streaming": () => collect(client.serverStream(wrong)),
        "bidi streaming": () => collect(client.bidiStream(requests)),
      }[kind];
      const error = await rejection(call?.() ?? Promise.resolve());
      expect(error).toBeInstanceOf(ProbeUnknownError);
      expect(error).toMatchObject({
        code: "INTERNAL",
        message: expect.stringContaining("The request can't be encoded"),
        cause: expect.any(Error),
      });
    });

    it.each([
      ["client streaming", (client: ProbeClient, all: AsyncIterable<RequestInit>) => client.clientStream(all)],
      ["bidi streaming", (client: ProbeClient, all: AsyncIterable<RequestInit>) => collect(client.bidiStream(all))],
    ])("%s: the caller's own error cancels the call, and is what the caller gets", async (_kind, call) => {
      const { handlers, called, cancelled } = silent();
      const { channel } = await serve(handlers);
      const thrown = new Error("no more");
      async function* requests(): AsyncGenerator<RequestInit> {
        yield { id: "1" };
        await called;
        throw thrown;
      }
      expect(await rejection(call(probeClient(channel, options), requests()))).toBe(thrown);
      await cancelled;
    });

    it.each([
      ["client streaming", (client: ProbeClient, all: AsyncIterable<RequestInit>) => client.clientStream(all)],
      ["bidi streaming", (client: ProbeClient, all: AsyncIterable<RequestInit>) => collect(client.bidiStream(all))],
    ])("%s: the generator returns when the call ends early", async (_kind, call) => {
      const { channel } = await serve(failing(insufficientFunds()));
      let returned = (): void => {};
      const finallyRan = new Promise<void>((resolve) => {
        returned = resolve;
      });
      async function* endless(): AsyncGenerator<RequestInit> {
        try {
          for (;;) {
            yield { padding: new Uint8Array(100_000) };
          }
        } finally {
          returned();
        }
      }
      expect(await rejection(call(probeClient(channel, options), endless()))).toBeInstanceOf(InsufficientFundsError);
      await finallyRan;
    });

    it("ends although the generator waits for ever", async () => {
      const { channel } = await serve(failing(insufficientFunds()));
      async function* stuck(): AsyncGenerator<RequestInit> {
        yield { id: "1" };
        await new Promise(() => {});
      }
      const error = await rejection(probeClient(channel, options).clientStream(stuck()));
      expect(error).toBeInstanceOf(InsufficientFundsError);
    });

    it("an early OK ends the requests, too", async () => {
      const { channel } = await serve({ clientStream: (_call, callback) => callback(null, { id: "enough" }) });
      async function* endless(): AsyncGenerator<RequestInit> {
        for (;;) {
          yield { padding: new Uint8Array(1_000) };
        }
      }
      expect((await probeClient(channel, options).clientStream(endless())).id).toBe("enough");
    });
  });

  describe("iterating", () => {
    it.each([
      ["server streaming", (client: ProbeClient) => client.serverStream({})],
      ["bidi streaming", (client: ProbeClient) => client.bidiStream(two())],
    ])("%s: leaving the loop cancels the call", async (_kind, call) => {
      let wasCancelled = (): void => {};
      const cancelled = new Promise<void>((resolve) => {
        wasCancelled = resolve;
      });
      const endless = (call: { write(message: object): boolean; on(event: string, listener: () => void): unknown }) => {
        let stopped = false;
        call.on("cancelled", () => {
          stopped = true;
          wasCancelled();
        });
        const more = (): void => {
          if (!stopped) {
            call.write({ id: "x" });
            setImmediate(more);
          }
        };
        more();
      };
      const { channel } = await serve({ serverStream: endless, bidiStream: endless });
      for await (const response of call(probeClient(channel, options))) {
        expect(response.id).toBe("x");
        break;
      }
      await cancelled;
    });

    it("starts the call when the iteration starts", async () => {
      const { channel } = await serve({ serverStream: (call) => call.end() });
      const createCall = vi.spyOn(channel, "createCall");
      const stream = probeClient(channel, options).serverStream({});
      const iterator = stream[Symbol.asyncIterator]();
      expect(createCall).not.toHaveBeenCalled();
      expect(await iterator.next()).toEqual({ value: undefined, done: true });
      expect(createCall).toHaveBeenCalledTimes(1);
    });

    it("makes no call when the loop is left before it began", async () => {
      const { channel } = await serve({ serverStream: (call) => call.end() });
      const createCall = vi.spyOn(channel, "createCall");
      const iterator = probeClient(channel, options).serverStream({})[Symbol.asyncIterator]();
      await iterator.return?.();
      expect(await iterator.next()).toEqual({ value: undefined, done: true });
      expect(createCall).not.toHaveBeenCalled();
    });

    it("refuses to be iterated twice", async () => {
      const { channel } = await serve({ serverStream: (call) => call.end() });
      const stream = probeClient(channel, options).serverStream({});
      await collect(stream);
      const error = await rejection(collect(stream));
      expect(error).toMatchObject({
        message: expect.stringContaining("The responses of /probe.v1.ProbeService/ServerStream are iterated twice"),
      });
    });

    it("throws an error once, and is done then", async () => {
      const { channel } = await serve(failing(insufficientFunds()));
      const iterator = probeClient(channel, options).serverStream({})[Symbol.asyncIterator]();
      expect(await rejection(iterator.next())).toBeInstanceOf(InsufficientFundsError);
      expect(await iterator.next()).toEqual({ value: undefined, done: true });
    });

    it("answers several reads at a time in order", async () => {
      const { channel } = await serve({
        serverStream: (call) => {
          call.write({ id: "a" });
          setImmediate(() => {
            call.write({ id: "b" });
            call.end();
          });
        },
      });
      const iterator = probeClient(channel, options).serverStream({})[Symbol.asyncIterator]();
      const results = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
      expect(results.map((result) => result.value?.id)).toEqual(["a", "b", undefined]);
      expect(results.map((result) => result.done)).toEqual([false, false, true]);
    });

    it("ends a read that waits when the loop is left elsewhere", async () => {
      const { handlers, called, cancelled } = silent();
      const { channel } = await serve(handlers);
      const iterator = probeClient(channel, options).serverStream({})[Symbol.asyncIterator]();
      const waiting = iterator.next();
      await called;
      await iterator.return?.();
      expect(await waiting).toEqual({ value: undefined, done: true });
      await cancelled;
    });
  });

  describe(".result", () => {
    it("resolves with the response", async () => {
      const { channel } = await serve({ unary: (_call, callback) => callback(null, { id: "r" }) });
      const result = await probeClient(channel, options).unary.result({});
      expect(result).toMatchObject({ ok: true, value: { id: "r" } });
    });

    it("resolves with a declared error", async () => {
      const { channel } = await serve(failing(insufficientFunds()));
      const client = probeClient(channel, options);
      for (const result of [await client.unary.result({}), await client.clientStream.result(two())]) {
        expect(result.ok).toBe(false);
        expect(result.error).toBeInstanceOf(InsufficientFundsError);
      }
    });

    it("rejects with everything else, also with what only another method declares", async () => {
      const { channel } = await serve(failing(insufficientFunds()));
      const client = probeClient(channel, options, { raises: [DuplicateRequestError] });
      expect(await rejection(client.unary.result({}))).toBeInstanceOf(InsufficientFundsError);
      channel.close();
      expect(await rejection(client.unary.result({}))).toBeInstanceOf(ProbeUnavailableError);
    });
  });

  it("fills an empty idempotency key, and leaves the caller's request as it is", async () => {
    const ids: string[] = [];
    const { channel } = await serve({
      unary: (call, callback) => {
        ids.push(call.request.id);
        callback(null, {});
      },
    });
    const client = probeClient(channel, options, { idempotencyKey: "id" });
    const request = create(ProbeRequestSchema, { action: "pay" });
    const init = { action: "pay" };
    await client.unary(request);
    await client.unary(init);
    await client.unary({ id: "mine" });
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[1]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids[2]).toBe("mine");
    expect(request.id).toBe("");
    expect(init).toEqual({ action: "pay" });
  });

  it("leaves out metadata that HTTP/2 forbids", async () => {
    const received: Metadata[] = [];
    const { channel } = await serve({
      unary: (call, callback) => {
        received.push(call.metadata);
        callback(null, {});
      },
    });
    const metadata = { connection: "keep-alive", "keep-alive": "5", "content-length": "77", "x-text": "text" };
    await probeClient(channel, options).unary({}, { metadata });
    expect(received[0]?.get("x-text")).toEqual(["text"]);
  });

  it("sends the call's own credentials", async () => {
    const received: Metadata[] = [];
    const { channel } = await serve({
      unary: (call, callback) => {
        received.push(call.metadata);
        callback(null, {});
      },
    });
    const client = probeClient(channel, options);
    const token = new Metadata();
    token.set("authorization", "Bearer t");
    const own = credentials.createFromMetadataGenerator((_params, callback) => callback(null, token));
    await client.unary({}, { credentials: own });
    expect(received[0]?.get("authorization")).toEqual(["Bearer t"]);
    const failing = credentials.createFromMetadataGenerator((_params, callback) => callback(new Error("expired")));
    const error = await rejection(client.unary({}, { credentials: failing }));
    expect(error).toBeInstanceOf(ProbeError);
    expect(error).toMatchObject({ message: expect.stringContaining("expired") });
    const hanging = credentials.createFromMetadataGenerator(() => {});
    expect(await rejection(client.unary({}, { credentials: hanging, timeoutMs: 100 }))).toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
  });

  it("adds default metadata and what hooks add, once per call", async () => {
    const received: Metadata[] = [];
    const { channel } = await serve({
      unary: (call, callback) => {
        received.push(call.metadata);
        callback(null, {});
      },
    });
    const hook = vi.fn((metadata: Metadata) => metadata.set("x-hook", "hooked"));
    const client = probeClient(channel, {
      ...options,
      defaultMetadata: { "x-tenant": "default", "x-app": "app" },
      metadataHooks: [hook],
    });
    const own = new Metadata();
    own.set("x-tenant", "mine");
    await client.unary({}, { metadata: own });
    expect(received[0]?.get("x-tenant")).toEqual(["mine"]);
    expect(received[0]?.get("x-app")).toEqual(["app"]);
    expect(received[0]?.get("x-hook")).toEqual(["hooked"]);
    expect(hook).toHaveBeenCalledTimes(1);
    expect(Object.keys(own.getMap())).toEqual(["x-tenant"]);
  });
});
