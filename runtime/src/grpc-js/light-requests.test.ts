import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";
import { AsyncHooksContextManager, AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { startTestServer } from "../testing/index.js";
import { makeRequestsLightly } from "./light-requests.js";

const NODE = AsyncResource.prototype.bind;

let server: Http2Server;
let session: ClientHttp2Session;

beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200 });
    stream.end("answer");
  });
  await once(server, "listening");
  session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(session, "connect");
});
afterEach(async () => {
  session.close();
  server.close();
  await once(server, "close");
});

describe("a session whose requests are made lightly", () => {
  it("makes them in the caller's async context", async () => {
    makeRequestsLightly(session);
    const storage = new AsyncLocalStorage<number>();
    const seen = await Promise.all(
      [1, 2, 3].map((caller) =>
        storage.run(caller, async () => {
          const stream = session.request({ ":path": "/" });
          const contexts: unknown[] = [];
          stream.on("response", () => contexts.push(storage.getStore()));
          stream.on("data", () => contexts.push(storage.getStore()));
          await once(stream, "end");
          return contexts;
        }),
      ),
    );
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it("leaves Node as it was, also when a request throws", async () => {
    makeRequestsLightly(session);
    const stream = session.request({ ":path": "/" });
    expect(AsyncResource.prototype.bind).toBe(NODE);
    expect(() => session.request({ ":nonsense": "/" })).toThrow();
    expect(AsyncResource.prototype.bind).toBe(NODE);
    await once(stream.resume(), "end");
  });

  it("makes them in their callers' contexts also before there is a connection", async () => {
    const early = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    makeRequestsLightly(early);
    const storage = new AsyncLocalStorage<number>();
    const seen = [1, 2].map((caller) =>
      storage.run(caller, async () => {
        const stream = early.request({ ":path": "/" }).resume();
        const context = once(stream, "response").then(() => storage.getStore());
        await once(stream, "end");
        return context;
      }),
    );
    expect(await Promise.all(seen)).toEqual([1, 2]);
    early.close();
  });

  it.each([
    ["AsyncHooksContextManager", AsyncHooksContextManager],
    ["AsyncLocalStorageContextManager", AsyncLocalStorageContextManager],
  ])("lets OpenTelemetry's %s see its contexts", async (_name, Manager) => {
    makeRequestsLightly(session);
    const manager = new Manager().enable();
    const key = createContextKey("caller");
    try {
      const seen = [1, 2].map((caller) =>
        manager.with(ROOT_CONTEXT.setValue(key, caller), async () => {
          const stream = session.request({ ":path": "/" });
          const contexts: unknown[] = [];
          stream.on("response", () => contexts.push(manager.active().getValue(key)));
          stream.on("data", () => contexts.push(manager.active().getValue(key)));
          await new Promise((resolve) => stream.on("end", resolve));
          return contexts;
        }),
      );
      expect(await Promise.all(seen)).toEqual([
        [1, 1],
        [2, 2],
      ]);
    } finally {
      manager.disable();
    }
  });

  // Where Node has no such property, there is nothing to make lighter.
  describe.runIf(hasProperty(() => {}))("binds", () => {
    /** What is bound where a request is made: by a wrapper of the session's method, as tracers have them. */
    async function boundInRequest<Bound>(bind: () => Bound): Promise<Bound[]> {
      const bound: Bound[] = [];
      const request = session.request.bind(session);
      session.request = (headers, options) => {
        bound.push(bind(), bind());
        return request(headers, options);
      };
      makeRequestsLightly(session);
      await once(session.request({ ":path": "/" }).resume(), "end");
      return bound;
    }

    it("one function without Node's deprecated property, to its context", async () => {
      const storage = new AsyncLocalStorage<string>();
      const [light, next] = await boundInRequest(() =>
        storage.run("context", () => new AsyncResource("test").bind(() => storage.getStore())),
      );
      expect(light).not.toHaveProperty("asyncResource");
      expect(light?.()).toBe("context");
      expect(light).toHaveLength(0);
      expect(next).toHaveProperty("asyncResource");
    });

    it("with the `this` of who calls it", async () => {
      const [light] = await boundInRequest(() =>
        new AsyncResource("test").bind(function (this: unknown, ...args: unknown[]) {
          return [this, ...args];
        }),
      );
      expect(light?.call("me", 1, 2)).toEqual(["me", 1, 2]);
    });

    it("functions with parameters, and to a `this`, as Node does", async () => {
      const [long] = await boundInRequest(() => new AsyncResource("test").bind((a: number, b: number) => a + b));
      expect(long).toHaveLength(2);
      expect(long).toHaveProperty("asyncResource");
      const whose = function (this: unknown) {
        return this;
      };
      const [own] = await boundInRequest(() => AsyncResource.bind(whose, "test", "mine"));
      expect(own?.call("other")).toBe("mine");
      await expect(boundInRequest(() => new AsyncResource("test").bind("nothing" as never))).rejects.toThrow(TypeError);
      expect(AsyncResource.prototype.bind).toBe(NODE);
    });
  });

  it("leaves a `bind` that somebody has patched in its place", async () => {
    makeRequestsLightly(session);
    const patched = vi.spyOn(AsyncResource.prototype, "bind");
    await once(session.request({ ":path": "/" }).resume(), "end");
    expect(patched).toHaveBeenCalledOnce();
    patched.mockRestore();
  });

  it("does without where the prototype is frozen", async () => {
    makeRequestsLightly(session);
    const descriptor = { value: NODE, configurable: true, enumerable: false };
    Object.defineProperty(AsyncResource.prototype, "bind", { ...descriptor, writable: false });
    try {
      await once(session.request({ ":path": "/" }).resume(), "end");
      expect(AsyncResource.prototype.bind).toBe(NODE);
    } finally {
      Object.defineProperty(AsyncResource.prototype, "bind", { ...descriptor, writable: true });
    }
  });
});

it.runIf(hasProperty(() => {}))("channels make their requests lightly", async () => {
  const world = await startTestServer([bindProbe({ unary: () => ({ id: "ok" }) })]);
  const client = probeClient(world.channel);
  await client.unary({});
  const set: unknown[] = [];
  let current = NODE;
  Object.defineProperty(AsyncResource.prototype, "bind", {
    configurable: true,
    get: () => current,
    set: (value) => {
      current = value;
      set.push(value);
    },
  });
  await client.unary({});
  Object.defineProperty(AsyncResource.prototype, "bind", { value: NODE, configurable: true, writable: true });
  expect(set).toEqual([expect.not.toSatisfy((value) => value === NODE), NODE]);
  await world.close();
});

function hasProperty(body: () => void): boolean {
  return "asyncResource" in new AsyncResource("test").bind(body);
}
