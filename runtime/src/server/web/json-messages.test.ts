import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyIs, anyPack, anyUnpack, DurationSchema } from "@bufbuild/protobuf/wkt";
import { afterEach, describe, expect, it } from "vitest";
import { bindEverything } from "../../../test-support/everything-service.js";
import { type Everything, EverythingSchema, NestedSchema } from "../../../test-support/gen/probe/v1/probe_pb.js";
import {
  bodyOf,
  contentTypeOf,
  rawRequest,
  WEB_PROTOCOLS,
  type WebProtocol,
} from "../../../test-support/web-protocols.js";
import { MemoryLogger } from "../../testing/index.js";
import { createServer, type GrpcServer, type ServerOptions } from "../server.js";
import type { JsonOptions } from "./http-options.js";

// What messages are as JSON: names, enums, `Any`. Over each protocol that has JSON, in unary calls and in streams.

const servers: GrpcServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.drain()));
});

/** What handlers got. */
let got: Everything | undefined;

async function serve(json: JsonOptions, options: ServerOptions = {}): Promise<number> {
  got = undefined;
  const bound = bindEverything((request) => {
    got = request;
    return request;
  });
  const server = createServer([bound], {
    logger: new MemoryLogger(),
    handleSignals: false,
    drainMs: 500,
    http: { json },
    ...options,
  });
  servers.push(server);
  return (await server.start("127.0.0.1:0")).port;
}

type Method = "Unary" | "ServerStream";

/** Sends a message, and gives the text of the answer: its JSON, or how it failed. */
async function send(
  port: number,
  protocol: WebProtocol,
  method: Method,
  message: Uint8Array | string,
): Promise<string> {
  const isUnary = method === "Unary";
  const { body } = await rawRequest(port, {
    httpVersion: protocol.httpVersion,
    path: `/probe.v1.ProbeService/${method}`,
    headers: { "content-type": contentTypeOf(protocol, isUnary) },
    body: bodyOf(protocol, isUnary, Buffer.from(message)),
  }).answer;
  return body;
}

/** The first message of an answer. */
function jsonOf({ protocol }: WebProtocol, method: Method, body: string): unknown {
  const length = Buffer.from(body, "latin1").readUInt32BE(1);
  return JSON.parse(protocol === "connect" && method === "Unary" ? body : body.slice(5, 5 + length));
}

const JSON_WAYS = WEB_PROTOCOLS.filter(({ format }) => format === "json").flatMap((protocol) =>
  (["Unary", "ServerStream"] as const).map((method) => [protocol.name, method, protocol] as const),
);

const ASKED = '{"nestedByNumber":{"7":{"name":"seven"}},"color":"COLOR_RED"}';

describe.each(JSON_WAYS)("over %s, %s", (_, method, protocol) => {
  it.each<[name: string, json: JsonOptions, answer: unknown]>([
    ["as protobuf's JSON has it", {}, { nestedByNumber: { 7: { name: "seven" } }, color: "COLOR_RED" }],
    [
      "by the proto's names",
      { fieldNames: "proto" },
      { nested_by_number: { 7: { name: "seven" } }, color: "COLOR_RED" },
    ],
    ["with numbers for enums", { enums: "numbers" }, { nestedByNumber: { 7: { name: "seven" } }, color: 1 }],
    [
      "as both say",
      { fieldNames: "proto", enums: "numbers" },
      { nested_by_number: { 7: { name: "seven" } }, color: 1 },
    ],
    [
      "as the defaults, named",
      { fieldNames: "camelCase", enums: "names", unknownFields: "ignore", zeroValues: false },
      { nestedByNumber: { 7: { name: "seven" } }, color: "COLOR_RED" },
    ],
  ])("answers are written %s", async (_name, json, answer) => {
    const port = await serve(json);
    expect(jsonOf(protocol, method, await send(port, protocol, method, ASKED))).toEqual(answer);
  });

  it.each<[name: string, json: JsonOptions]>([
    ["whatever is written", {}],
    ["whatever is written, by name and number", { fieldNames: "proto", enums: "numbers" }],
  ])("both are read, %s", async (_name, json) => {
    const port = await serve(json);
    for (const text of [ASKED, '{"nested_by_number":{"7":{"name":"seven"}},"color":1}']) {
      await send(port, protocol, method, text);
      expect(got).toMatchObject({ nestedByNumber: { 7: { name: "seven" } }, color: 1 });
    }
  });

  it("an enum's number that the server has no name for stays one, and a name that it hasn't is a fault with its place", async () => {
    const port = await serve({ unknownFields: "refuse" });
    expect(jsonOf(protocol, method, await send(port, protocol, method, '{"color":77}'))).toEqual({ color: 77 });
    const refused = decodeURIComponent(await send(port, protocol, method, '{"color":"COLOR_OF_MONEY"}'));
    expect(refused).toContain("color can't be read");
    expect(refused).not.toContain("OF_MONEY");
  });

  it("an `Any` is of a type that the server knows: of its files, or of a standard one", async () => {
    const port = await serve({});
    const any = { "@type": "type.googleapis.com/probe.v1.Nested", name: "known" };
    const duration = { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1.500s" };
    const text = JSON.stringify({ any, anys: [any, duration] });
    expect(jsonOf(protocol, method, await send(port, protocol, method, text))).toEqual({ any, anys: [any, duration] });
    expect(got?.any && anyUnpack(got.any, NestedSchema)).toMatchObject({ name: "known" });
    expect(got?.anys[1] !== undefined && anyIs(got.anys[1], DurationSchema)).toBe(true);
  });

  it.each<[name: string, message: object, place: string]>([
    [
      "of a type that it doesn't know",
      { any: { "@type": "type.googleapis.com/nobody.v1.Knows", id: "secret" } },
      "any",
    ],
    [
      "in a list, of such a type",
      {
        anys: [{ "@type": "type.googleapis.com/probe.v1.Nested" }, { "@type": "type.googleapis.com/nobody.v1.Knows" }],
      },
      "anys[1]",
    ],
    ["without a type", { any: { name: "secret" } }, "any"],
    ["that isn't its type's", { any: { "@type": "type.googleapis.com/probe.v1.Nested", name: ["secret"] } }, "any"],
    ["whose type is none", { any: { "@type": 7 } }, "any"],
    ["that is a text", { any: "secret" }, "any"],
  ])("an `Any` %s is INVALID_ARGUMENT, with its place", async (_name, message, place) => {
    const port = await serve({});
    // gRPC-Web's trailers have it with its characters escaped.
    const refused = decodeURIComponent(await send(port, protocol, method, JSON.stringify(message)));
    expect(refused).toMatch(protocol.protocol === "connect" ? /"code":"invalid_argument"/ : /^grpc-status: 3\r/m);
    expect(refused).toContain(`The request is no JSON of a probe.v1.Everything: ${place} can't be read`);
    expect(refused).not.toMatch(/secret|nobody/);
    expect(got).toBeUndefined();
  });
});

describe("an `Any` as binary", () => {
  it("is passed on, whatever its type is", async () => {
    const port = await serve({});
    const any = { typeUrl: "type.googleapis.com/nobody.v1.Knows", value: Uint8Array.of(1, 2, 3) };
    const message = create(EverythingSchema, { any, anys: [anyPack(NestedSchema, create(NestedSchema))] });
    for (const protocol of WEB_PROTOCOLS.filter(({ format }) => format === "proto")) {
      const body = Buffer.from(await send(port, protocol, "Unary", toBinary(EverythingSchema, message)), "latin1");
      const bytes = protocol.protocol === "connect" ? body : body.subarray(5, 5 + body.readUInt32BE(1));
      expect(toBinary(EverythingSchema, fromBinary(EverythingSchema, bytes))).toEqual(
        toBinary(EverythingSchema, message),
      );
    }
  });
});

describe("`reflectionFiles`", () => {
  it("name what else an `Any` may be", async () => {
    const [, , protocol] = JSON_WAYS[0] ?? [];
    if (protocol === undefined) {
      throw new Error("There is no protocol with JSON");
    }
    const text = '{"any":{"@type":"type.googleapis.com/google.protobuf.compiler.Version","major":3}}';
    expect(await send(await serve({}), protocol, "Unary", text)).toContain("any can't be read");
    const { file_google_protobuf_compiler_plugin } = await import("@bufbuild/protobuf/wkt");
    const port = await serve({}, { reflectionFiles: [file_google_protobuf_compiler_plugin] });
    expect(JSON.parse(await send(port, protocol, "Unary", text))).toEqual(JSON.parse(text));
  });
});
