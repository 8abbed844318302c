import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { bindProbe, type ProbeServicer, withUnaryByGet } from "../../../test-support/probe-service.js";
import { rawRequest } from "../../../test-support/web-protocols.js";
import { MemoryLogger } from "../../testing/index.js";
import { createServer, type GrpcServer } from "../server.js";
import { UnreadJson } from "./unread-json.js";

// That JSON which can't be read is told where it is wrong, however it came: in a stream, packed, by GET.

const servers: GrpcServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.drain()));
});

let heard: string[] = [];
const servicer: ProbeServicer = {
  unary: ({ id }) => ({ id }),
  clientStream: async (requests) => {
    for await (const { id } of requests) {
      heard.push(id);
    }
    return {};
  },
};

async function serve(): Promise<number> {
  heard = [];
  const bound = bindProbe(servicer);
  const server = createServer([withUnaryByGet(bound)], {
    logger: new MemoryLogger(),
    handleSignals: false,
    drainMs: 500,
    http: {},
  });
  servers.push(server);
  return (await server.start("127.0.0.1:0")).port;
}

const envelope = (message: Uint8Array, flags = 0): Buffer => {
  const head = Buffer.from([flags, 0, 0, 0, 0]);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
};

const WRONG = '{"nested":{"children":[{},{"name":["secret"]}]}}';
const PLACE = "The request is no JSON of a probe.v1.ProbeRequest: nested.children[1].name can't be read";
const WHAT = "The request is no JSON of a probe.v1.ProbeRequest";

describe.each(["1.1", "2"] as const)("over HTTP/%s", (httpVersion) => {
  const post = async (method: string, headers: Record<string, string>, body: Buffer): Promise<string> => {
    const path = `/probe.v1.ProbeService/${method}`;
    const answer = await rawRequest(await serve(), { httpVersion, path, headers, body }).answer;
    return decodeURIComponent(answer.body);
  };
  const stream = (protocol: "connect" | "grpc-web", body: Buffer, headers: Record<string, string> = {}) =>
    post("ClientStream", { "content-type": `application/${protocol}+json`, ...headers }, body);

  it("a packed body is told where it is wrong", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expect(await post("Unary", headers, gzipSync(WRONG))).toContain(PLACE);
  });

  it.each([
    ["as it is", `message=${encodeURIComponent(WRONG)}`],
    ["as base64", `base64=1&message=${Buffer.from(WRONG).toString("base64url")}`],
    ["packed", `base64=1&compression=gzip&message=${gzipSync(WRONG).toString("base64url")}`],
  ])("so is what is asked by GET, %s", async (_, query) => {
    const path = `/probe.v1.ProbeService/Unary?connect=v1&encoding=json&${query}`;
    const answer = await rawRequest(await serve(), { httpVersion, method: "GET", path }).answer;
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining(PLACE) });
  });

  it.each(["connect", "grpc-web"] as const)("and that message of a stream which is wrong, by %s", async (protocol) => {
    const good = envelope(Buffer.from('{"id":"good"}'));
    const wrong = envelope(Buffer.from(WRONG));
    const later = envelope(Buffer.from('{"count":"later"}'));
    expect(await stream(protocol, Buffer.concat([good, good, wrong, later]))).toContain(PLACE);
    expect(heard).toEqual(["good", "good"]);
  });

  it.each([
    ["connect", "connect-content-encoding"],
    ["grpc-web", "grpc-encoding"],
  ] as const)("also where it is packed, by %s", async (protocol, header) => {
    const good = envelope(Buffer.from('{"id":"good"}'));
    const wrong = envelope(gzipSync(WRONG), 1);
    expect(await stream(protocol, Buffer.concat([good, wrong]), { [header]: "gzip" })).toContain(PLACE);
  });

  it("of what is too long, it is told that it is wrong", async () => {
    const long = JSON.stringify({ id: "x".repeat(100_000), count: "secret" });
    expect(await post("Unary", { "content-type": "application/json" }, Buffer.from(long))).toContain(WHAT);
    const text = await stream("connect", envelope(Buffer.from(long)));
    expect(text).toContain(WHAT);
    expect(text).not.toContain("secret");
  });
});

describe("messages that aren't read yet", () => {
  it("are kept in order, however their bytes come", async () => {
    const texts = fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 5 });
    const property = fc.asyncProperty(texts, fc.array(fc.nat(12)), fc.nat(), async (messages, cuts, reads) => {
      const bytes = Buffer.concat([
        ...messages.map((text) => envelope(Buffer.from(text))),
        envelope(Buffer.from("{}"), 0x02),
      ]);
      const json = new UnreadJson(true, undefined);
      let at = 0;
      for (const cut of [...cuts, bytes.byteLength]) {
        json.add(bytes.subarray(at, at + cut));
        at = Math.min(at + cut, bytes.byteLength);
      }
      const read = reads % messages.length;
      for (let count = 0; count < read; count += 1) {
        json.read();
      }
      expect(await json.first()).toBe(
        messages[read] === undefined ? undefined : Buffer.from(messages[read]).toString(),
      );
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("aren't kept where they are long, and the next one is", async () => {
    const json = new UnreadJson(true, undefined);
    for (const part of [envelope(Buffer.alloc(70_000, "x")), envelope(Buffer.from("next"))]) {
      json.add(part.subarray(0, 3));
      json.add(part.subarray(3));
    }
    expect(await json.first()).toBeUndefined();
    json.read();
    expect(await json.first()).toBe("next");
    json.read();
    expect(await json.first()).toBeUndefined();
  });
});
