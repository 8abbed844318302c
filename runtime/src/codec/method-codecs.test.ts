import { create, isMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { InterceptingCall, type Interceptor } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type ProbeRequest,
  ProbeRequestSchema,
  ProbeResponseSchema,
  ProbeService,
} from "../../test-support/gen/probe/v1/probe_pb.js";
import { probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import {
  bindProbe,
  PROBE_CODECS,
  PROBE_CODECS_BY_NAME,
  PROBE_ERROR_MAP,
  type ProbeCodecs,
  type ProbeServicer,
} from "../../test-support/probe-service.js";
import { grpcLogger } from "../call/grpc-logger.js";
import type { HandlerInterceptor } from "../call/handler-interceptor.js";
import { bindClient } from "../client/bind-client.js";
import type { ClientOptions } from "../client/client-options.js";
import { bindService } from "../server/bind-service.js";
import type { ServerOptions } from "../server/server-options.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import type { MessageCodec } from "./message-codec.js";

// What generated codecs change, and what they don't: what handlers, callers, interceptors and logs see is the same.

type ResponseInit = MessageInitShape<typeof ProbeResponseSchema>;

const open: TestServer[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

interface Sides {
  readonly server?: ProbeCodecs;
  readonly client?: ProbeCodecs;
  readonly options?: ServerOptions;
  readonly clientOptions?: ClientOptions;
}

async function connect(servicer: ProbeServicer, sides: Sides = {}) {
  const bound = bindProbe(servicer, { codecs: sides.server ?? PROBE_CODECS });
  const running = await startTestServer([bound], sides.options);
  open.push(running);
  return probeClient(running.channel, sides.clientOptions, {}, sides.client);
}

/** A codec that counts what it is asked for. */
function watched<Desc extends typeof ProbeRequestSchema | typeof ProbeResponseSchema>(codec: MessageCodec<Desc>) {
  return {
    schema: codec.schema,
    encode: vi.fn(codec.encode),
    encodeTransient: vi.fn(codec.encodeTransient),
    decode: vi.fn(codec.decode),
  };
}

const watchedCodecs = () => ({ request: watched(PROBE_CODECS.request), response: watched(PROBE_CODECS.response) });

class Padded {
  get padding(): Uint8Array {
    return new Uint8Array(3);
  }
}

const NAMES = ["static", "reflect"] as const;
const SIDES = NAMES.flatMap((server) => NAMES.map((client) => ({ server, client })));

describe.each(SIDES)("codec=$server on the server, codec=$client on the client", ({ server, client }) => {
  const sides = { server: PROBE_CODECS_BY_NAME[server], client: PROBE_CODECS_BY_NAME[client] };
  const request = {
    id: "r-1",
    count: -5n,
    padding: new Uint8Array([1, 2]),
    nested: { name: "outer", children: [{ name: "inner" }] },
  };

  it.each(KINDS)("handlers and callers have whole messages: %s", async (kind) => {
    const seen: ProbeRequest[] = [];
    const probe = await connect(
      servicerOf((message) => {
        seen.push(message);
        return { id: message.id, padding: message.padding };
      }),
      sides,
    );
    const response = await callOnce(probe, kind, request);
    expect(seen).toEqual([create(ProbeRequestSchema, request)]);
    expect(response).toEqual(create(ProbeResponseSchema, { id: "r-1", padding: new Uint8Array([1, 2]) }));
    for (const padding of [seen[0]?.padding, response.padding]) {
      expect(Object.getPrototypeOf(padding)).toBe(Uint8Array.prototype);
    }
  });

  it("whole messages can be sent, with the fields that this side doesn't know", async () => {
    const $unknown = [{ no: 100, wireType: 0, data: new Uint8Array([7]) }];
    const probe = await connect(
      servicerOf((message) => ({ ...create(ProbeResponseSchema), $unknown: message.$unknown })),
      sides,
    );
    const response = await probe.unary({ ...create(ProbeRequestSchema), $unknown });
    expect(response.$unknown).toEqual($unknown);
  });

  it("logs an init shape as the message that it stands for", async () => {
    const logger = new MemoryLogger();
    const probe = await connect(
      servicerOf(() => ({ count: 0n, token: "hush", padding: new Uint8Array(2) })),
      {
        ...sides,
        options: { logger },
      },
    );
    await probe.unary(request);
    const payloads = () => logger.lines.flatMap(({ fields }) => fields.payload ?? []);
    await expect.poll(payloads).toHaveLength(2);
    expect(payloads()).toEqual([
      'id: "r-1" count: -5 padding: "\\001\\002" nested { name: "outer" children { name: "inner" } }',
      'token: [REDACTED] padding: "\\000\\000"',
    ]);
  });
});

describe.each(NAMES)("codec=%s", (name) => {
  const codecs = PROBE_CODECS_BY_NAME[name];

  it("log contexts read whole responses", async () => {
    const logger = new MemoryLogger();
    const handler = grpcLogger(undefined, {
      response: (response: { readonly id: string; readonly count: bigint }) => ({
        id: response.id,
        count: response.count,
      }),
    })(async () => ({}));
    const missing = { handler: () => expect.fail("isn't called") };
    const bound = bindService(ProbeService, {
      unary: { handler, ...codecs },
      clientStream: missing,
      serverStream: missing,
      bidiStream: missing,
    });
    const running = await startTestServer([bound], { logger, payloadLimit: 0 });
    open.push(running);
    await probeClient(running.channel).unary({});
    await expect.poll(() => logger.lines.at(-1)?.fields).toMatchObject({ status: "OK", id: "", count: "0" });
    expect(logger.lines.at(-1)?.fields).not.toHaveProperty("payload");
  });

  it("a client's interceptors see whole messages, and can change them", async () => {
    const seen: unknown[] = [];
    const interceptor: Interceptor = (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        sendMessage: (message: ProbeRequest, next) => {
          seen.push(message);
          setImmediate(() => next({ ...message, id: `${message.id}!` }));
        },
      });
    const probe = await connect(
      servicerOf(({ id }) => ({ id })),
      { client: codecs, clientOptions: { interceptors: [interceptor] } },
    );
    expect((await probe.unary({ id: "1" })).id).toBe("1!");
    expect(seen).toEqual([create(ProbeRequestSchema, { id: "1" })]);
  });

  it("a server's interceptors see whole messages, and may encode others meanwhile", async () => {
    const seen: Message[] = [];
    const interceptor: HandlerInterceptor = (_context, next, call) => {
      call.onResponse((message) => {
        seen.push(message);
        PROBE_CODECS.response.encode({ id: "another" });
      });
      return next();
    };
    const probe = await connect(
      { serverStream: threeResponses },
      { server: codecs, options: { handlerInterceptors: [interceptor] } },
    );
    expect(await idsOf(probe.serverStream({}))).toEqual(["a", "b", "c"]);
    expect(seen.map((message) => isMessage(message, ProbeResponseSchema))).toEqual([true, true, true]);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
    ["a text", "text"],
    ["another message", create(ProbeResponseSchema, { id: "x", count: 3n })],
    ["a field of another type", { count: "many" }],
    ["half of an emoji", { id: "\ud83d" }],
    ["bytes that are none", { padding: "text" }],
    ["nested nonsense", { nested: 5 }],
    ["what it inherits", Object.create({ id: "inherited" })],
    ["an instance of a class", new Padded()],
    [
      "a getter that throws",
      {
        get id(): string {
          throw new Error("no id");
        },
      },
    ],
  ])("a caller may pass %s as ever", async (_, value) => {
    const asEver = async (init: unknown) => {
      const seen: ProbeRequest[] = [];
      const probe = await connect(
        servicerOf((message) => {
          seen.push(message);
          return {};
        }),
        { client: codecs },
      );
      const { code, message } = await probe.unary(init as object).then(
        () => ({ code: "", message: "" }),
        (error) => error,
      );
      return { code, message, seen };
    };
    // What `create` makes of a value is what is sent.
    let whole: ProbeRequest | undefined;
    try {
      whole = create(ProbeRequestSchema, value as object);
    } catch {}
    const made = await asEver(value);
    expect(made).toEqual(whole === undefined ? { ...made, code: "INTERNAL", seen: [] } : await asEver(whole));
  });
});

describe("generated codecs", () => {
  it("encode what goes out, and decode what comes in", async () => {
    const server = watchedCodecs();
    const client = watchedCodecs();
    const probe = await connect(
      servicerOf(({ id }) => ({ id })),
      { server, client },
    );
    const init = { id: "r" };
    await probe.unary(init);
    // As it was passed: nobody has made a message of it before.
    expect(client.request.encode.mock.calls[0]?.[0]).toBe(init);
    expect(server.request.decode).toHaveBeenCalledOnce();
    expect(server.response.encodeTransient.mock.calls).toEqual([[{ id: "r" }]]);
    expect(client.response.decode).toHaveBeenCalledOnce();
    expect(client.request.encodeTransient).not.toHaveBeenCalled();
    expect(server.response.encode).not.toHaveBeenCalled();
  });

  it("fill the idempotency key of what the caller passed, in a copy", async () => {
    const bound = bindProbe(servicerOf(({ id }) => ({ id })));
    const running = await startTestServer([bound]);
    open.push(running);
    const client = bindClient(ProbeService, PROBE_ERROR_MAP, running.channel);
    const unary = client.unary(ProbeService.method.unary, {
      ...PROBE_CODECS,
      raises: [],
      timeoutMs: 10_000,
      idempotencyKey: "id",
    });
    const init: { readonly id?: string } = {};
    expect((await unary(init)).id).toMatch(/^[0-9a-f-]{36}$/);
    expect(init).toEqual({});
    expect((await unary({ id: "mine" })).id).toBe("mine");
  });

  it("rely on grpc-js's server: it copies a response before sendMessage returns", async () => {
    let expired = false;
    const response: MessageCodec<typeof ProbeResponseSchema> = {
      ...PROBE_CODECS.response,
      encodeTransient(message) {
        const bytes = PROBE_CODECS.response.encode(message);
        expired = false;
        queueMicrotask(() => {
          expired = true;
        });
        return {
          byteLength: bytes.byteLength,
          copy(target, targetStart) {
            if (expired) {
              throw new Error("too late");
            }
            return bytes.copy(target, targetStart);
          },
        };
      },
    };
    const probe = await connect({ serverStream: threeResponses }, { server: { ...PROBE_CODECS, response } });
    expect(await idsOf(probe.serverStream({}))).toEqual(["a", "b", "c"]);
    expect(expired).toBe(true);
  });
});

async function* threeResponses(): AsyncGenerator<ResponseInit> {
  yield { id: "a" };
  yield { id: "b" };
  yield { id: "c" };
}

async function idsOf(responses: AsyncIterable<{ readonly id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of responses) {
    ids.push(id);
  }
  return ids;
}
