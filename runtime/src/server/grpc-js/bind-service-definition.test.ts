import { Metadata, type ServiceDefinition, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { ProbeService } from "../../../test-support/gen/probe/v1/probe_pb.js";
import { RawClient, type Seen } from "../../../test-support/raw-client.js";
import { RAW_PROBE_DEFINITION, startRawServer } from "../../../test-support/raw-server.js";
import { MemoryLogger, startTestServer, type TestServerOptions } from "../../testing/index.js";
import { bindServiceDefinition } from "./bind-service-definition.js";

// Handlers that were written for a grpc-js server: their callers see the same of both.

const open: (() => unknown)[] = [];
const logger = new MemoryLogger();

afterEach(async () => {
  logger.lines.length = 0;
  for (const close of open.splice(0).reverse()) {
    await close();
  }
});

type Call = (client: RawClient) => Promise<Seen<unknown>>;

const KINDS = ProbeService.method;

/** Calls of each kind, as a caller without any of the runtime makes them. */
const CALLS = {
  unary: (client) => client.call(KINDS.unary, [{ id: "a" }]),
  clientStream: (client) => client.call(KINDS.clientStream, [{ id: "a" }, { id: "b" }]),
  serverStream: (client) => client.call(KINDS.serverStream, [{ id: "a" }]),
  bidiStream: (client) => client.call(KINDS.bidiStream, [{ id: "a" }, { id: "b" }]),
} satisfies Record<string, Call>;

async function onAccord(handlers: UntypedServiceImplementation, options: TestServerOptions = {}): Promise<RawClient> {
  const bound = bindServiceDefinition(RAW_PROBE_DEFINITION, handlers);
  const server = await startTestServer([bound], { logger, ...options });
  open.push(() => server.close());
  return clientOf(server.address);
}

async function onGrpcJs(handlers: UntypedServiceImplementation): Promise<RawClient> {
  const server = await startRawServer(handlers as never);
  open.push(() => server.close());
  return clientOf(server.target);
}

function clientOf(address: string): RawClient {
  const client = new RawClient(address);
  open.push(() => client.close());
  return client;
}

/** What a caller saw, as far as two servers can agree on it. */
function told({ responses, headers, code, details, trailers }: Seen<unknown>) {
  const own = (metadata: Metadata | undefined) =>
    Object.fromEntries(Object.entries(metadata?.getMap() ?? {}).filter(([key]) => key.startsWith("x-")));
  return {
    responses,
    headers: own(headers),
    code,
    details: code === status.OK ? "" : details,
    trailers: own(trailers),
  };
}

function metadataOf(entries: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) {
    metadata.set(key, value);
  }
  return metadata;
}

// biome-ignore lint/suspicious/noExplicitAny: handlers of any service, as grpc-js's own types have them
type Untyped = any;

const notFound = () => ({
  code: status.NOT_FOUND,
  details: "no such probe",
  metadata: metadataOf({ "x-why": "gone" }),
});
const failure = () => Object.assign(new Error("no such probe"), { code: status.NOT_FOUND });

/** One way to answer each kind of call. */
const HANDLERS: Record<string, Record<keyof typeof CALLS, (call: Untyped, callback: Untyped) => void>> = {
  "answers, with headers and trailers": {
    unary: (call, callback) => {
      call.sendMetadata(metadataOf({ "x-head": "1" }));
      callback(null, { id: `${call.request.id}!` }, metadataOf({ "x-tail": "2" }));
    },
    clientStream: (call, callback) => {
      const ids: string[] = [];
      call.on("data", ({ id }: { id: string }) => ids.push(id));
      call.on("end", () => callback(null, { id: ids.join() }, metadataOf({ "x-tail": "2" })));
    },
    serverStream: (call) => {
      call.sendMetadata(metadataOf({ "x-head": "1" }));
      for (let i = 0; i < 40; i++) {
        call.write({ id: `${call.request.id}${i}` });
      }
      call.end(metadataOf({ "x-tail": "2" }));
    },
    bidiStream: (call) => {
      call.on("data", ({ id }: { id: string }) => call.write({ id: `${id}!` }));
      call.on("end", () => call.end(metadataOf({ "x-tail": "2" })));
    },
  },
  "ends with a status object": {
    unary: (_call, callback) => callback(notFound()),
    clientStream: (_call, callback) => callback(notFound()),
    serverStream: (call) => {
      call.write({ id: "first" });
      call.emit("error", notFound());
    },
    bidiStream: (call) => {
      call.write({ id: "first" });
      call.emit("error", notFound());
    },
  },
  "ends with an error that has a code": {
    unary: (_call, callback) => callback(failure()),
    clientStream: (_call, callback) => callback(failure()),
    serverStream: (call) => call.emit("error", failure()),
    bidiStream: (call) => call.emit("error", failure()),
  },
  "says what it sees of the call": {
    unary: (call, callback) =>
      callback(null, { id: [call.getPath(), call.cancelled, call.getDeadline(), call.metadata.get("x-none")].join() }),
    clientStream: (call, callback) => {
      call.resume();
      call.on("end", () => callback(null, { id: [call.getPath(), call.cancelled].join() }));
    },
    serverStream: (call) => {
      call.write({ id: [call.getPath(), call.getDeadline()].join() });
      call.end();
    },
    bidiStream: (call) => {
      call.write({ id: [call.getPath(), call.cancelled].join() });
      call.end();
    },
  },
};

describe.each(Object.keys(HANDLERS))("a handler that %s", (name) => {
  const handlers = HANDLERS[name] ?? {};

  it.each(Object.entries(CALLS))("is told the same of: %s", async (_kind, call) => {
    const theirs = told(await call(await onGrpcJs(handlers)));
    expect(told(await call(await onAccord(handlers)))).toEqual(theirs);
  });
});

it.each(Object.entries(CALLS))(
  "leaves nothing of an unknown error to the caller, and all to the log: %s",
  async (_kind, call) => {
    const client = await onAccord({
      unary: (() => {
        throw new Error("password=hunter2");
      }) as never,
      clientStream: ((_: unknown, callback: (error: Error) => void) =>
        callback(new Error("password=hunter2"))) as never,
      serverStream: (async () => {
        throw new Error("password=hunter2");
      }) as never,
      bidiStream: ((stream: { destroy(error: Error): void }) => stream.destroy(new Error("password=hunter2"))) as never,
    });
    const { code, details } = await call(client);
    expect(code).toBe(status.INTERNAL);
    expect(details).toMatch(/^Internal error \(error id \w+\)$/);
    await expect
      .poll(() => logger.lines.filter(({ level }) => level === "error").map(({ fields }) => fields.err))
      .toMatchObject([{ message: "password=hunter2" }]);
  },
);

it("is logged as any other, without a word of its payloads", async () => {
  const client = await onAccord({ ...HANDLERS["answers, with headers and trailers"] } as never);
  await client.call(KINDS.unary, [{ id: "secret" }]);
  await expect
    .poll(() => logger.lines.filter(({ message }) => message.startsWith("unary.")))
    .toMatchObject([{ message: "unary.request" }, { message: "unary.response", fields: { status: "OK" } }]);
  expect(JSON.stringify(logger.lines)).not.toContain("secret");
});

it.each(["clientStream", "bidiStream"] as const)(
  "hears that its caller has gone, and its stream breaks off: %s",
  async (kind) => {
    const heard: unknown[] = [];
    const handler = async (call: Untyped) => {
      call.on("cancelled", () => heard.push(call.cancelled));
      try {
        for await (const { id } of call) {
          heard.push(id);
        }
        heard.push("all");
      } catch (error) {
        heard.push((error as { code?: string }).code);
      }
    };
    const client = await onAccord({ ...HANDLERS["ends with a status object"], [kind]: handler } as never);
    const call = client.open(KINDS[kind]);
    await call.send({ id: "a" });
    await expect.poll(() => heard).toEqual(["a"]);
    call.cancel();
    await expect.poll(() => heard).toEqual(["a", true, "ERR_STREAM_PREMATURE_CLOSE"]);
  },
);

it("sends no faster than its caller reads", async () => {
  let written = 0;
  const serverStream = (call: Untyped) => {
    const more = () => {
      while (written < 10_000) {
        written += 1;
        if (!call.write({ id: "x".repeat(10_000) })) {
          call.once("drain", more);
          return;
        }
      }
      call.end();
    };
    more();
  };
  const client = await onAccord({ ...HANDLERS["ends with a status object"], serverStream } as never);
  const call = client.open(KINDS.serverStream);
  call.pause();
  void call.send({ id: "a" });
  call.halfClose();
  await expect.poll(() => written).toBeGreaterThan(0);
  // A stream window, and what lies in buffers: 100 MB wouldn't fit.
  let seen = 0;
  const hasStopped = () => {
    const before = seen;
    seen = written;
    return before === written;
  };
  await expect.poll(hasStopped, { interval: 200 }).toBe(true);
  expect(written).toBeLessThan(5_000);
  call.cancel();
});

describe("what isn't a service", () => {
  const handlers = HANDLERS["ends with a status object"] as unknown as UntypedServiceImplementation;
  const unary = RAW_PROBE_DEFINITION.unary as ServiceDefinition[string];

  it.each([
    ["no definition", undefined, handlers, /the definition must be what grpc-js's addService takes first.*undefined/],
    ["an empty one", {}, handlers, /the definition must be/],
    ["a client's class", class Client {}, handlers, /the definition must be/],
    ["half a method", { unary: { path: "/a.B/C" } }, handlers, /its unary is an object/],
    [
      "two services",
      { unary, other: { ...unary, path: "/x.Y/Z" } },
      { unary, other: unary },
      /other has the path \/x\.Y\/Z, of another service/,
    ],
    ["no implementation", RAW_PROBE_DEFINITION, undefined, /with the methods unary, .*; it is undefined/],
    [
      "a misspelt method",
      RAW_PROBE_DEFINITION,
      { ...handlers, unary: undefined, unari: () => {} },
      /the implementation needs the method unary; it has unari/,
    ],
  ])("is named: %s", (_name, definition, implementation, message) => {
    expect(() => bindServiceDefinition(definition as never, implementation as never)).toThrow(message);
    expect(() => bindServiceDefinition(definition as never, implementation as never)).toThrow(TypeError);
  });

  it("is named where a server is made: a definition that nobody has bound", async () => {
    await expect(startTestServer([RAW_PROBE_DEFINITION as never])).rejects.toThrow(
      /services\[0\].*bindServiceDefinition/,
    );
  });
});

it("finds handlers by the names of the proto, and keeps what they call `this`", async () => {
  class Handlers {
    readonly suffix = "!";
    unary(call: Untyped, callback: Untyped) {
      callback(null, { id: call.request.id + this.suffix });
    }
  }
  const { unary } = RAW_PROBE_DEFINITION;
  const definition = { Unary: { ...unary, originalName: "unary" } } as ServiceDefinition;
  const bound = bindServiceDefinition(definition, new Handlers() as never, { healthRole: "optional" });
  const server = await startTestServer([bound], { reflection: true });
  open.push(() => server.close());
  expect((await clientOf(server.address).call(KINDS.unary, [{ id: "a" }])).responses).toMatchObject([{ id: "a!" }]);
});
