import { gunzipSync } from "node:zlib";
import { create, createFileRegistry, type DescService, fromJson } from "@bufbuild/protobuf";
import {
  AnySchema,
  anyPack,
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
  file_google_protobuf_timestamp,
} from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { afterEach, describe, expect, it } from "vitest";
import { NestedSchema, ProbeService } from "../../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe, type ProbeServicer } from "../../../test-support/probe-service.js";
import {
  bodyOf,
  contentTypeOf,
  rawRequest,
  transportOf,
  WEB_PROTOCOLS,
  type WebProtocol,
} from "../../../test-support/web-protocols.js";
import { MemoryLogger } from "../../testing/index.js";
import { type BoundService, bindService } from "../bind-service.js";
import { createServer, type GrpcServer, type ServerOptions } from "../server.js";

// What leaves a call over the web, and when: as by gRPC.

const servers: GrpcServer[] = [];
let logger = new MemoryLogger();

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.drain()));
});

async function serve(bound: BoundService, options: ServerOptions = {}): Promise<number> {
  logger = new MemoryLogger();
  const server = createServer([bound], { logger, handleSignals: false, drainMs: 500, http: {}, ...options });
  servers.push(server);
  return (await server.start("127.0.0.1:0")).port;
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

describe("response headers", () => {
  const streaming = (["serverStream", "bidiStream"] as const).flatMap((kind) =>
    WEB_PROTOCOLS.filter(({ httpVersion }) => kind === "serverStream" || httpVersion === "2").map(
      (protocol) => [kind, protocol.name, protocol] as const,
    ),
  );

  it.each(streaming)("leave when the handler says so, before any message: %s, %s", async (kind, _name, protocol) => {
    const { opened, open } = gate();
    async function* body(_: unknown, context: Parameters<NonNullable<ProbeServicer["serverStream"]>>[1]) {
      context.responseHeaders.set("x-early", "yes");
      context.sendHeaders();
      context.responseHeaders.set("x-late", "too late");
      await opened;
      yield { id: "one" };
    }
    const port = await serve(bindProbe({ serverStream: body, bidiStream: body }));
    const client = createClient(ProbeService, transportOf(protocol, port));
    const options = {
      onHeader: (headers: Headers) => {
        expect([headers.get("x-early"), headers.get("x-late")]).toEqual(["yes", null]);
        open();
      },
    };
    async function* requests() {
      yield {};
    }
    const responses =
      kind === "serverStream" ? client.serverStream({}, options) : client.bidiStream(requests(), options);
    const ids: string[] = [];
    for await (const { id } of responses) {
      ids.push(id);
    }
    // Had the headers waited for the message, the gate would be closed still.
    expect(ids).toEqual(["one"]);
  });

  it("leave before an error, which is told all the same", async () => {
    const port = await serve(
      bindProbe({
        // biome-ignore lint/correctness/useYield: it throws
        async *serverStream(_, context) {
          context.responseHeaders.set("x-early", "yes");
          context.sendHeaders();
          throw new Error("out of order");
        },
      }),
    );
    for (const protocol of WEB_PROTOCOLS) {
      const { answer } = call(port, protocol, "ServerStream", {});
      const { status, headers, body } = await answer;
      expect({ status, early: headers["x-early"] }).toEqual({ status: 200, early: "yes" });
      expect(body).toMatch(/"code":"internal"|grpc-status: 13/);
    }
  });

  it("leave with the answer of a unary call of Connect's, whose status they tell", async () => {
    const port = await serve(
      bindProbe({
        unary: (_, context) => {
          context.responseHeaders.set("x-early", "yes");
          context.sendHeaders();
          throw new Error("out of order");
        },
      }),
    );
    const { answer } = call(port, CONNECT_JSON, "Unary", {});
    expect(await answer).toMatchObject({ status: 500, headers: { "x-early": "yes" } });
  });
});

const CONNECT_JSON = WEB_PROTOCOLS.find(({ name }) => name === "connect, json, HTTP/1.1") as WebProtocol;

function call(
  port: number,
  protocol: WebProtocol,
  method: string,
  headers: Readonly<Record<string, string>>,
  message = "",
) {
  const isUnary = method === "Unary";
  const text = protocol.format === "json" && message === "" ? "{}" : message;
  return rawRequest(port, {
    httpVersion: protocol.httpVersion,
    path: `/probe.v1.ProbeService/${method}`,
    headers: { "content-type": contentTypeOf(protocol, isUnary), ...headers },
    body: bodyOf(protocol, isUnary, Buffer.from(text)),
  });
}

describe("compression", () => {
  const ACCEPTS = { "accept-encoding": "gzip", "connect-accept-encoding": "gzip", "grpc-accept-encoding": "gzip" };
  const LONG = "x".repeat(5_000);
  // What the contract says, what the handler says, what becomes of it.
  const SAID = [
    [false, undefined, false],
    [true, undefined, true],
    [true, false, false],
    [false, true, true],
  ] as const;

  it.each(SAID)("of a whole body: the contract %s, the handler %s, packed %s", async (compress, says, isPacked) => {
    const unary: ProbeServicer["unary"] = (_, context) => {
      context.compress = says;
      return { id: LONG };
    };
    const port = await serve(bindProbe({ unary }, { policies: { unary: { compress } } }));
    const { headers, body } = await call(port, CONNECT_JSON, "Unary", ACCEPTS).answer;
    expect(headers["content-encoding"]).toBe(isPacked ? "gzip" : undefined);
    expect(headers.vary).toBe(isPacked ? "accept-encoding" : undefined);
    const bytes = Buffer.from(body, "latin1");
    expect(headers["content-length"]).toBe(String(bytes.byteLength));
    expect(String(isPacked ? gunzipSync(bytes) : bytes)).toBe(`{"id":"${LONG}"}`);
  });

  it("is told to caches beside what pages of other origins are told", async () => {
    const policies = { unary: { compress: true } };
    const cors = { origins: ["https://app.example.com"] };
    const port = await serve(bindProbe({ unary: () => ({ id: LONG }) }, { policies }), { http: { cors } });
    const { headers } = await call(port, CONNECT_JSON, "Unary", {}).answer;
    expect(headers).toMatchObject({ vary: "origin, accept-encoding" });
  });

  it.each([
    ["gzip;q=0", undefined],
    ["br;q=1.0, gzip", "br"],
    ["deflate, GZIP", "gzip"],
    ["zstd", undefined],
  ])("is by what the caller reads: %s", async (accepted, encoding) => {
    const port = await serve(bindProbe({ unary: () => ({ id: LONG }) }, { policies: { unary: { compress: true } } }));
    const { headers } = await call(port, CONNECT_JSON, "Unary", { "accept-encoding": accepted }).answer;
    expect(headers["content-encoding"]).toBe(encoding);
  });

  it.each(WEB_PROTOCOLS)("goes from message to message of a stream: $name", async (protocol) => {
    const port = await serve(
      bindProbe(
        {
          async *serverStream(_, context) {
            yield { id: LONG };
            context.compress = false;
            yield { id: LONG };
            yield { id: "short" };
            context.compress = true;
            yield { id: LONG };
            yield { id: "short" };
          },
        },
        { policies: { serverStream: { compress: true } } },
      ),
    );
    const flags = (body: string) => envelopes(Buffer.from(body, "latin1")).map((flag) => flag & 1);
    expect(flags((await call(port, protocol, "ServerStream", ACCEPTS).answer).body)).toEqual([1, 0, 0, 1, 0, 0]);
    expect(flags((await call(port, protocol, "ServerStream", {}).answer).body)).toEqual([0, 0, 0, 0, 0, 0]);
    // And connect's client reads it.
    const ids: string[] = [];
    for await (const { id } of createClient(ProbeService, transportOf(protocol, port)).serverStream({})) {
      ids.push(id);
    }
    expect(ids).toEqual([LONG, LONG, "short", LONG, "short"]);
  });
});

/** The flags of each envelope. */
function envelopes(bytes: Buffer): number[] {
  const flags: number[] = [];
  for (let at = 0; at < bytes.byteLength; at += 5 + bytes.readUInt32BE(at + 1)) {
    flags.push(bytes[at] ?? 0);
  }
  return flags;
}

describe("an answer that can't be JSON", () => {
  type Answer = { readonly detail?: ReturnType<typeof create<typeof AnySchema>>; readonly at?: object };

  /** A service whose response has what isn't always JSON. */
  const serveAny = (answer: () => Answer) => {
    const service = anyService();
    const bound = bindService(service, {
      get: { handler: () => answer() },
      list: {
        handler: async function* () {
          yield {};
          yield answer();
        },
      },
    } as never);
    return serve(bound, { reflectionFiles: [NestedSchema.file] });
  };

  const ask = (port: number, method: string, contentType: string) => {
    const message = Buffer.from(contentType.includes("json") ? "{}" : "");
    const head = method === "Get" ? [] : [0, 0, 0, 0, message.byteLength];
    const body = Buffer.concat([Buffer.from(head), message]);
    return rawRequest(port, {
      httpVersion: "1.1",
      path: `/any.v1.AnyService/${method}`,
      headers: { "content-type": contentType },
      body,
    }).answer;
  };

  const ended = async (line: string) => {
    await expect.poll(() => logger.lines.some(({ message }) => message.endsWith(line))).toBe(true);
    return logger.lines.find(({ message }) => message.endsWith(line))?.fields.status;
  };

  const UNKNOWN_TYPE = (): Answer => ({
    detail: create(AnySchema, { typeUrl: "type.googleapis.com/nobody.v1.Knows" }),
  });
  const NO_DATE = (): Answer => ({ at: { seconds: 10n ** 15n } });

  it.each([
    ["a message of a type that nobody named", UNKNOWN_TYPE],
    ["a time that no calendar has", NO_DATE],
  ])("is INTERNAL to the caller, and in the log: %s", async (_name, answer) => {
    const port = await serveAny(answer);
    expect(await ask(port, "Get", "application/json")).toMatchObject({
      status: 500,
      body: expect.stringContaining('"internal"'),
    });
    expect(await ended("get.response")).toBe("INTERNAL");
    expect((await ask(port, "List", "application/connect+json")).body).toContain('"internal"');
    expect(await ended("list.response")).toBe("INTERNAL");
  });

  it("is an answer where it is binary", async () => {
    const port = await serveAny(UNKNOWN_TYPE);
    expect(await ask(port, "Get", "application/proto")).toMatchObject({ status: 200 });
    expect(await ended("get.response")).toBe("OK");
  });

  it("is one where the server knows the type", async () => {
    const port = await serveAny(() => ({ detail: anyPack(NestedSchema, create(NestedSchema, { name: "known" })) }));
    const { body } = await ask(port, "Get", "application/json");
    expect(JSON.parse(body)).toEqual({ detail: { "@type": "type.googleapis.com/probe.v1.Nested", name: "known" } });
    expect(await ended("get.response")).toBe("OK");
  });
});

function anyService(): DescService {
  const file = fromJson(FileDescriptorProtoSchema, {
    name: "any/v1/any.proto",
    package: "any.v1",
    syntax: "proto3",
    dependency: ["google/protobuf/any.proto", "google/protobuf/timestamp.proto"],
    messageType: [
      { name: "Request" },
      {
        name: "Answer",
        field: [
          {
            name: "detail",
            jsonName: "detail",
            number: 1,
            label: "LABEL_OPTIONAL",
            type: "TYPE_MESSAGE",
            typeName: ".google.protobuf.Any",
          },
          {
            name: "at",
            jsonName: "at",
            number: 2,
            label: "LABEL_OPTIONAL",
            type: "TYPE_MESSAGE",
            typeName: ".google.protobuf.Timestamp",
          },
        ],
      },
    ],
    service: [
      {
        name: "AnyService",
        method: [
          { name: "Get", inputType: ".any.v1.Request", outputType: ".any.v1.Answer" },
          { name: "List", inputType: ".any.v1.Request", outputType: ".any.v1.Answer", serverStreaming: true },
        ],
      },
    ],
  });
  const known = [file_google_protobuf_any, file_google_protobuf_timestamp];
  const registry = createFileRegistry(file, (name) => known.find(({ proto }) => proto.name === name)?.proto);
  const service = registry.getService("any.v1.AnyService");
  if (service === undefined) {
    throw new Error("The file has no such service");
  }
  return service;
}
