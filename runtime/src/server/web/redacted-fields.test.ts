import { create, toBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bindEverything } from "../../../test-support/everything-service.js";
import { EverythingSchema } from "../../../test-support/gen/probe/v1/probe_pb.js";
import {
  bodyOf,
  contentTypeOf,
  type RawAnswer,
  rawRequest,
  WEB_PROTOCOLS,
  type WebProtocol,
} from "../../../test-support/web-protocols.js";
import type { CallContext } from "../../call/call-context.js";
import { StatusError } from "../../errors/status-error.js";
import { MemoryLogger } from "../../testing/index.js";
import { createServer, type GrpcServer } from "../server.js";

// What a field with `debug_redact` holds is in no text of an error, whatever is wrong: with the request, with the handler, with what it returns.

const SECRET = "ada-lovelaces-iban";
/** As bytes that are no UTF-8. */
const SECRET_BYTES = Buffer.concat([Buffer.from(SECRET), Buffer.of(0xff)]);

let server: GrpcServer;
let port: number;
let logger: MemoryLogger;
/** What the handler does. */
let handle: (context: CallContext) => unknown;

beforeAll(async () => {
  logger = new MemoryLogger();
  const bound = bindEverything((_, context) => handle(context));
  const options = { logger, handleSignals: false, drainMs: 500, http: { json: { unknownFields: "refuse" as const } } };
  server = createServer([bound], options);
  ({ port } = await server.start("127.0.0.1:0"));
});
afterAll(() => server.drain());
beforeEach(() => {
  logger.lines.length = 0;
  handle = () => ({});
});

type Method = "Unary" | "ServerStream";

const send = (protocol: WebProtocol, method: Method, message: Uint8Array): Promise<RawAnswer> =>
  rawRequest(port, {
    httpVersion: protocol.httpVersion,
    path: `/probe.v1.ProbeService/${method}`,
    headers: { "content-type": contentTypeOf(protocol, method === "Unary") },
    body: bodyOf(protocol, method === "Unary", message),
  }).answer;

/** All that an answer says, in every form in which it may say it. */
function saidBy({ headers, body }: RawAnswer): string {
  const said = `${JSON.stringify(headers)}\n${body}`;
  const escaped = said.replace(/(?:%[0-9A-Fa-f]{2})+/g, (text) =>
    Buffer.from(text.replaceAll("%", ""), "hex").toString("latin1"),
  );
  const encoded = said.match(/[A-Za-z0-9+/_-]{12,}=*/g) ?? [];
  return [said, escaped, ...encoded.map((text) => Buffer.from(text, "base64").toString("latin1"))].join("\n");
}

/** The call has failed, and said nothing of the secret. */
function expectSilence(protocol: WebProtocol, answer: RawAnswer): void {
  const said = saidBy(answer);
  expect(said).toMatch(protocol.protocol === "connect" ? /"code":"[a-z_]+"/ : /grpc-status: [1-9]/i);
  expect(said).not.toContain(SECRET);
}

const logged = (): string =>
  JSON.stringify(logger.lines, (_, value) => (value instanceof Error ? String(value) : value));

// What is said is the same over both versions of HTTP, as web-calls.test.ts shows.
const WAYS = WEB_PROTOCOLS.filter(({ httpVersion }) => httpVersion === "1.1").flatMap((protocol) =>
  (["Unary", "ServerStream"] as const).map((method) => ({ name: protocol.name, method, protocol })),
);

// Each kind of redacted field, and each way to be wrong.
const WRONG_JSON: readonly (readonly [name: string, text: string])[] = [
  ["a text that is a list", `{"hidden":["${SECRET}"]}`],
  ["a text that is an object", `{"hidden":{"${SECRET}":"${SECRET}"}}`],
  ["a text in the wrong place of a list", `{"secrets":["fine",{"${SECRET}":1}]}`],
  ["a list that is a text", `{"secrets":"${SECRET}"}`],
  ["a map's value", `{"secretLabels":{"a":["${SECRET}"]}}`],
  ["a map's key", `{"secretLabels":{"${SECRET}":1}}`],
  ["a message that is a text", `{"secretNested":"${SECRET}"}`],
  ["a message's field", `{"secretNested":{"name":["${SECRET}"]}}`],
  ["a field that a message doesn't have", `{"secretNested":{"${SECRET}":1}}`],
  ["a redacted field of a message", `{"right":{"password":["${SECRET}"]}}`],
  ["one in a map of messages", `{"nestedByNumber":{"1":{"password":["${SECRET}"]}}}`],
  ["one in an Any", `{"any":{"@type":"type.googleapis.com/probe.v1.Nested","password":["${SECRET}"]}}`],
  ["an Any whose type nobody knows", `{"any":{"@type":"type.googleapis.com/${SECRET}","password":"${SECRET}"}}`],
  ["two of a oneof", `{"left":"${SECRET}","hidden":"${SECRET}"}`],
  ["the same field twice", `{"secret_nested":{"name":"${SECRET}"},"secretNested":{"name":"${SECRET}"}}`],
  ["what is no JSON behind it", `{"hidden":"${SECRET}"`],
  ["what is no JSON within it", `{"hidden":${SECRET}}`],
  ["an unknown name", `{"hidden":"${SECRET}","${SECRET}":1}`],
  ["something else beside it", `{"hidden":"${SECRET}","big":"-1"}`],
  ["half a character", `{"hidden":"${SECRET}\\ud800"}`],
];

/** A field of a length: its number, what it holds, how much it says it has. */
const field = (number: number, bytes: Uint8Array, length = bytes.byteLength): Buffer =>
  Buffer.concat([Buffer.of(((number << 3) & 0x7f) | 0x80 | 2, number >> 4, length), bytes]);

const WRONG_BINARY: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["a text that is no UTF-8", field(14, SECRET_BYTES)],
  ["a text in a list that is no UTF-8", field(19, SECRET_BYTES)],
  ["a map's entry that is cut off", field(20, Buffer.concat([Buffer.of(0x0a, 0x7f), SECRET_BYTES]))],
  ["a message that is cut off", field(21, Buffer.concat([Buffer.of(0x0a, 0x7f), SECRET_BYTES]))],
  ["a text that is cut off", field(14, Buffer.from(SECRET), 100)],
  ["an end of a group that never began", Buffer.concat([field(14, Buffer.from(SECRET)), Buffer.of(0x0c)])],
];

describe.each(WAYS)("over $name, $method", ({ method, protocol }) => {
  if (protocol.format === "json") {
    it.each(WRONG_JSON)("a request isn't quoted that can't be read: %s", async (_, text) => {
      expectSilence(protocol, await send(protocol, method, Buffer.from(text)));
      await expect.poll(() => logger.lines.some(({ message }) => message.endsWith(".response"))).toBe(true);
      expect(logged()).not.toContain(SECRET);
    });
  } else {
    it.each(WRONG_BINARY)("a request isn't quoted that can't be read: %s", async (_, bytes) => {
      expectSilence(protocol, await send(protocol, method, bytes));
      await expect.poll(() => logger.lines.some(({ message }) => message.endsWith(".response"))).toBe(true);
      expect(logged()).not.toContain(SECRET);
    });
  }

  const REQUEST =
    protocol.format === "json"
      ? Buffer.from(JSON.stringify({ hidden: SECRET }))
      : Buffer.from(
          toBinary(EverythingSchema, create(EverythingSchema, { choice: { case: "hidden", value: SECRET } })),
        );

  it("it would be found, in what is sent and in what is encoded", async () => {
    handle = (context) => {
      context.responseHeaders.set("x-secret-bin", Buffer.from(SECRET));
      return {};
    };
    expect(saidBy(await send(protocol, method, REQUEST))).toContain(SECRET);
    handle = () => ({ text: SECRET });
    expect(saidBy(await send(protocol, method, REQUEST))).toContain(SECRET);
  });

  it.each<[name: string, thrown: () => unknown]>([
    ["an error", () => new Error(`No account ${SECRET}`)],
    ["an error with a cause", () => new Error("down", { cause: new Error(SECRET) })],
    [
      "a driver's error, with what looks like a status",
      () => Object.assign(new Error(SECRET), { code: 3, details: SECRET }),
    ],
    ["an error of connect's, which connect would send", () => new ConnectError(SECRET, 3, { "x-detail": SECRET })],
    ["a status that isn't passed through", () => new StatusError(3, SECRET)],
    ["a text", () => SECRET],
    ["an object", () => ({ message: SECRET, status: 3 })],
  ])("an undeclared failure isn't told: %s", async (_, thrown) => {
    handle = () => {
      throw thrown();
    };
    const answer = await send(protocol, method, REQUEST);
    expectSilence(protocol, answer);
    expect(saidBy(answer)).toMatch(/error id [0-9a-f]{12}/);
    // Who reads the log sees the request's line without it; what failed is told there.
    const [request] = logger.lines.filter(({ message }) => message.endsWith(".request"));
    expect(JSON.stringify(request)).not.toContain(SECRET);
  });

  it("neither is what a handler returned that is no message", async () => {
    handle = () => SECRET;
    expectSilence(protocol, await send(protocol, method, REQUEST));
  });

  it.runIf(protocol.format === "json")("nor what can't be written as JSON", async () => {
    handle = () => ({
      choice: { case: "hidden", value: SECRET },
      any: { typeUrl: `type.googleapis.com/${SECRET}`, value: Buffer.from(SECRET) },
    });
    expectSilence(protocol, await send(protocol, method, REQUEST));
  });
});
