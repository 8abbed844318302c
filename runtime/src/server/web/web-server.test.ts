import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { gzipSync } from "node:zlib";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterEach, describe, expect, it } from "vitest";
import { certificateFile } from "../../../test-support/certificates.js";
import { ProbeService } from "../../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe, type ProbeServicer, TooLowError, withUnaryByGet } from "../../../test-support/probe-service.js";
import { RawClient } from "../../../test-support/raw-client.js";
import { type RawAnswer, rawRequest } from "../../../test-support/web-protocols.js";
import { MemoryLogger } from "../../testing/index.js";
import type { BoundService } from "../bind-service.js";
import { createServer, type GrpcServer, type ServerOptions } from "../server.js";

// The one listener, over HTTP: what it answers to whom, and what it bears from whom.

const UNARY = "/probe.v1.ProbeService/Unary";
const JSON_TYPE = { "content-type": "application/json" };

const servers: GrpcServer[] = [];
let logger = new MemoryLogger();

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.drain()));
});

async function serve(services: ProbeServicer | readonly BoundService[], options: ServerOptions = {}): Promise<number> {
  logger = new MemoryLogger();
  const bound = "unary" in services || !Array.isArray(services) ? [bindProbe(services as ProbeServicer)] : services;
  const server = createServer(bound, { logger, handleSignals: false, drainMs: 500, http: {}, ...options });
  servers.push(server);
  const { port } = await server.start("127.0.0.1:0");
  return port;
}

const echo: ProbeServicer = { unary: ({ id, count }) => ({ id, count }) };

function post(port: number, body: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  return rawRequest(port, {
    httpVersion: "1.1",
    path: UNARY,
    headers: { ...JSON_TYPE, ...headers },
    body: Buffer.from(body),
  }).answer;
}

/** A connection on which bytes are sent, and all that comes back. */
function speak(port: number, text: string): { readonly socket: Socket; readonly heard: Promise<string> } {
  const socket = connectTcp(port, "127.0.0.1", () => socket.write(text));
  let all = "";
  socket.on("data", (bytes) => {
    all += bytes.toString("latin1");
  });
  socket.on("error", () => {});
  return { socket, heard: new Promise((resolve) => socket.once("close", () => resolve(all))) };
}

describe("without `http`", () => {
  it("a server speaks gRPC alone", async () => {
    logger = new MemoryLogger();
    const server = createServer([bindProbe(echo)], { logger, handleSignals: false });
    servers.push(server);
    const { port } = await server.start("127.0.0.1:0");
    const { answer } = rawRequest(port, { httpVersion: "2", path: UNARY, headers: JSON_TYPE, body: Buffer.from("{}") });
    expect((await answer).status).toBe(415);
    await expect(post(port, "{}")).rejects.toThrow();
  });
});

describe("one port", () => {
  it("serves gRPC beside the others", async () => {
    const port = await serve(echo);
    const client = new RawClient(`127.0.0.1:${port}`);
    expect((await client.call(ProbeService.method.unary, [{ id: "by gRPC" }])).responses[0]?.id).toBe("by gRPC");
    client.close();
    expect((await post(port, '{"id":"by curl"}')).body).toBe('{"id":"by curl"}');
  });

  it.each([
    ["another path", { path: "/probe.v1.ProbeService/Nothing" }, 404],
    ["another type", { headers: { "content-type": "text/plain" } }, 415],
    ["no type", { headers: {} }, 415],
    ["gRPC-Web as text", { headers: { "content-type": "application/grpc-web-text" } }, 415],
    ["a stream's type", { headers: { "content-type": "application/connect+json" } }, 415],
    ["another method", { method: "PUT" }, 405],
    ["GET where there may be side effects", { method: "GET", path: `${UNARY}?encoding=json&message={}` }, 405],
    ["health that nobody has turned on", { method: "GET", path: "/healthz" }, 404],
  ] as const)("refuses %s in HTTP's terms", async (_name, init, status) => {
    const port = await serve(echo);
    for (const httpVersion of ["1.1", "2"] as const) {
      const { answer } = rawRequest(port, { httpVersion, path: UNARY, headers: JSON_TYPE, ...init });
      expect((await answer).status).toBe(status);
    }
    expect(logger.lines.filter(({ message }) => message.startsWith("unary."))).toEqual([]);
  });

  it("refuses a bidi call over HTTP/1.1, and closes", async () => {
    const port = await serve(echo);
    const headers = { "content-type": "application/connect+json" };
    const init = { httpVersion: "1.1", path: "/probe.v1.ProbeService/BidiStream", headers } as const;
    expect(await rawRequest(port, init).answer).toMatchObject({ status: 505, headers: { connection: "close" } });
  });
});

describe("a method without side effects", () => {
  it.each(["1.1", "2"] as const)("is called by GET, over HTTP/%s", async (httpVersion) => {
    const port = await serve([withUnaryByGet(bindProbe(echo))]);
    const message = encodeURIComponent('{"id":"by GET"}');
    const init = { httpVersion, method: "GET", path: `${UNARY}?connect=v1&encoding=json&message=${message}` };
    expect(await rawRequest(port, init).answer).toMatchObject({ status: 200, body: '{"id":"by GET"}' });
    const packed = gzipSync('{"id":"packed"}').toString("base64url");
    const path = `${UNARY}?encoding=json&compression=gzip&base64=1&message=${packed}`;
    expect((await rawRequest(port, { ...init, path }).answer).body).toBe('{"id":"packed"}');
  });

  it("says by GET what is wrong, too", async () => {
    const port = await serve([
      withUnaryByGet(
        bindProbe({
          unary: () => {
            throw new TooLowError({ balance: "1" });
          },
        }),
      ),
    ]);
    const get = (query: string) =>
      rawRequest(port, { httpVersion: "1.1", method: "GET", path: `${UNARY}?${query}` }).answer;
    expect(await get("encoding=json&message={}")).toMatchObject({ status: 400 });
    expect(JSON.parse((await get("encoding=proto&message=")).body)).toMatchObject({ code: "failed_precondition" });
    expect(JSON.parse((await get("encoding=json&message=nothing")).body)).toMatchObject({ code: "invalid_argument" });
    expect(await get("encoding=xml&message=")).toMatchObject({ status: 415 });
  });
});

describe("JSON", () => {
  const fails = async (port: number, body: string) => JSON.parse((await post(port, body)).body) as { message: string };

  it.each([
    ["a value", '{"count":"secret"}', "count can't be read"],
    ["a value within", '{"nested":{"child":{"name":7}}}', "nested.child.name can't be read"],
    [
      "a value in a list",
      '{"nested":{"children":[{},{"password":["secret"]}]}}',
      "nested.children[1].password can't be read",
    ],
    ["no JSON", '{"id":secret}', undefined],
    ["a list", '["secret"]', undefined],
  ])("that has %s wrong is told where, and not what", async (_name, body, where) => {
    const port = await serve(echo);
    const { message } = await fails(port, body);
    const what = "The request is no JSON of a probe.v1.ProbeRequest";
    expect(message).toBe(where === undefined ? what : `${what}: ${where}`);
  });

  it("is bounded in depth and size before a message is made of it", async () => {
    const port = await serve([bindProbe(echo, { policies: { unary: { maxRequestBytes: 100_000 } } })]);
    const deep = `${'{"nested":{"child":'.repeat(1)}${'{"child":'.repeat(5_000)}{}${"}".repeat(5_002)}`;
    expect(await fails(port, deep)).toMatchObject({ code: "invalid_argument" });
    expect(await fails(port, `{"id":"${"x".repeat(100_000)}"}`)).toMatchObject({ code: "resource_exhausted" });
    expect((await post(port, '{"id":"still here"}')).status).toBe(200);
  });

  it("ignores unknown fields, or refuses them", async () => {
    const port = await serve(echo);
    expect((await post(port, '{"id":"a","newer":1}')).body).toBe('{"id":"a"}');
    const strict = await serve(echo, { http: { json: { unknownFields: "refuse" } } });
    expect(await fails(strict, '{"id":"a","newer":1}')).toMatchObject({ code: "invalid_argument" });
  });

  it("is written as the options say", async () => {
    const port = await serve(echo, { http: { json: { zeroValues: true } } });
    expect(JSON.parse((await post(port, "{}")).body)).toMatchObject({ id: "", count: "0" });
  });

  it("is unpacked to no more than the limit", async () => {
    const port = await serve([bindProbe(echo, { policies: { unary: { maxRequestBytes: 1_000 } } })]);
    const bomb = gzipSync(`{"id":"${"x".repeat(100_000)}"}`);
    const headers = { ...JSON_TYPE, "content-encoding": "gzip" };
    const { answer } = rawRequest(port, { httpVersion: "1.1", path: UNARY, headers, body: bomb });
    expect(JSON.parse((await answer).body)).toMatchObject({ code: "resource_exhausted" });
  });
});

describe("health over HTTP", () => {
  it("says whether the process runs, and whether the server serves", async () => {
    const port = await serve(echo, { http: { health: true } });
    const get = (path: string) => rawRequest(port, { httpVersion: "1.1", method: "GET", path }).answer;
    expect(await get("/healthz")).toMatchObject({ status: 200, body: "ok\n" });
    expect(await get("/readyz?verbose")).toMatchObject({ status: 200, headers: { "cache-control": "no-store" } });
    servers.at(-1)?.health.set("", false);
    expect(await get("/readyz")).toMatchObject({ status: 503 });
    expect(await get("/healthz")).toMatchObject({ status: 200 });
  });
});

describe("a caller over the web", () => {
  it("is refused before its body is read, where the method asks who calls", async () => {
    const policies = { unary: { auth: { requirement: "required" as const } } };
    const auth = (metadata: { get(name: string): readonly unknown[] }) =>
      metadata.get("authorization")[0] === "Bearer one" ? { subject: "one" } : undefined;
    const port = await serve([bindProbe(echo, { policies })], { auth });
    const init = {
      httpVersion: "1.1",
      path: UNARY,
      headers: JSON_TYPE,
      body: Buffer.from("{"),
      isWhole: false,
    } as const;
    const refused = rawRequest(port, init);
    expect(await refused.answer).toMatchObject({ status: 401 });
    expect((await post(port, '{"id":"let in"}', { authorization: "Bearer one" })).body).toBe('{"id":"let in"}');
  });

  it("is refused beyond the calls that the server runs at a time, as by gRPC", async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const port = await serve({ unary: async () => gate.then(() => ({})) }, { maxConcurrentCalls: 1 });
    const first = post(port, "{}");
    await expect.poll(() => logger.lines.some(({ message }) => message === "unary.request")).toBe(true);
    expect(JSON.parse((await post(port, "{}")).body)).toMatchObject({ code: "unavailable" });
    open();
    expect((await first).status).toBe(200);
  });

  it("has as long for its request as the server gives it", async () => {
    const port = await serve(echo, { requestTimeoutMs: 40 });
    for (const httpVersion of ["1.1", "2"] as const) {
      const init = { httpVersion, path: UNARY, headers: JSON_TYPE, body: Buffer.from("{"), isWhole: false };
      expect(JSON.parse((await rawRequest(port, init).answer).body)).toMatchObject({ code: "deadline_exceeded" });
    }
  });

  it.each(["-1", "1s", "12345678901", ""])("that says its timeout wrongly (%j) is told so", async (timeout) => {
    const port = await serve(echo);
    expect(JSON.parse((await post(port, "{}", { "connect-timeout-ms": timeout })).body)).toMatchObject({
      code: "invalid_argument",
    });
  });

  it("waits for nobody who reads slowly: a stream stops until there is room", async () => {
    let sent = 0;
    const port = await serve({
      async *serverStream() {
        for (; sent < 2_000; sent += 1) {
          yield { padding: new Uint8Array(8 * 1024) };
        }
      },
    });
    const body = Buffer.from([0, 0, 0, 0, 2, 0x7b, 0x7d]);
    const socket = connectTcp(port, "127.0.0.1");
    socket.write(
      `POST /probe.v1.ProbeService/ServerStream HTTP/1.1\r\nhost: x\r\ncontent-type: application/connect+json\r\ncontent-length: ${body.byteLength}\r\n\r\n`,
    );
    socket.write(body);
    socket.pause();
    let before = -1;
    await expect
      .poll(
        () => {
          const isStill = sent > 0 && sent === before;
          before = sent;
          return isStill;
        },
        { interval: 100, timeout: 20_000 },
      )
      .toBe(true);
    expect(sent).toBeLessThan(2_000);
    socket.destroy();
  });
});

describe("a hostile peer of HTTP/1.1", () => {
  const CALL = `POST ${UNARY} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;

  it.each([
    ["says nothing of its host", `POST ${UNARY} HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}`],
    ["gives two lengths", `${CALL}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
    ["gives a length and chunks", `${CALL}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["spells chunked otherwise", `${CALL}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
    [
      "names another coding before chunked, and hides a request behind it",
      `${CALL}transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${CALL}content-length: 2\r\n\r\n{}`,
    ],
    ["packs the transfer", `${CALL}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ["folds headers", `${CALL}x: a\r\n b\r\ncontent-length: 2\r\n\r\n{}`],
    ["puts a space before the colon", `${CALL}content-length : 2\r\n\r\n{}`],
    ["puts a null into a header", `${CALL}x: a\0b\r\ncontent-length: 2\r\n\r\n{}`],
    ["ends lines with LF alone", `${CALL.replaceAll("\r", "")}content-length: 2\n\n{}`],
    ["has headers without end", `${CALL}x: ${"a".repeat(20_000)}\r\n\r\n`],
    ["begins HTTP/2 and goes on otherwise", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"],
    ["speaks TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["asks for a tunnel", "CONNECT db:5432 HTTP/1.1\r\nhost: db:5432\r\n\r\n"],
  ])("that %s is refused, and its connection ends", async (_name, text) => {
    const port = await serve(echo);
    const heard = await speak(port, text).heard;
    expect(heard).not.toMatch(/^HTTP\/1\.1 200/);
    expect(logger.lines.filter(({ fields }) => fields.status === "OK")).toEqual([]);
  });

  it.each([
    ["its headers slowly", `${CALL}content-le`],
    ["HTTP/2's preface slowly", "PRI * HTT"],
  ])("that sends %s loses its connection", async (_name, text) => {
    const port = await serve(echo, { http: { headersTimeoutMs: 40 } });
    expect(await speak(port, text).heard).toBe("");
  });

  it("that says nothing loses its connection", async () => {
    const port = await serve(echo, { maxConnectionIdleMs: 40 });
    expect(await speak(port, "").heard).toBe("");
  });

  it("that sends no next request loses its connection, also when it begins one", async () => {
    const port = await serve(echo, { http: { headersTimeoutMs: 40, keepAliveTimeoutMs: 10 } });
    const { socket, heard } = speak(port, `${CALL}content-length: 2\r\n\r\n{}`);
    const drip = setInterval(() => socket.write("G"), 10);
    expect(await heard).toMatch(/^HTTP\/1\.1 200/);
    clearInterval(drip);
  });

  it("that sends one request behind the other has each answered, in order, and no more at a time than it may", async () => {
    const port = await serve(echo, { maxConcurrentStreams: 4 });
    const one = (id: number) => {
      const body = `{"id":"${id}"}`;
      return `${CALL}content-length: ${body.length}\r\n\r\n${body}`;
    };
    const { socket, heard } = speak(port, [1, 2, 3].map(one).join(""));
    setTimeout(() => socket.end(), 100);
    expect((await heard).match(/"id":"\d"/g)).toEqual(['"id":"1"', '"id":"2"', '"id":"3"']);
    const flood = speak(port, Array.from({ length: 50 }, (_, id) => one(id)).join(""));
    expect(((await flood.heard).match(/"id":"\d+"/g) ?? []).length).toBeLessThan(50);
  });
});

describe("over TLS", () => {
  const tls = { cert: certificateFile("server-1.pem"), key: certificateFile("server-1.key") };

  it.each([
    [["h2", "http/1.1"], "h2"],
    [["http/1.1"], "http/1.1"],
    [undefined, false],
  ])("a peer that offers %j speaks %s", async (ALPNProtocols, spoken) => {
    const port = await serve(echo, { tls });
    const socket = connectTls({
      port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      ...(ALPNProtocols && { ALPNProtocols }),
    });
    await once(socket, "secureConnect");
    expect(socket.alpnProtocol).toBe(spoken);
    if (spoken === "h2") {
      const session = connectHttp2("https://localhost", { createConnection: () => socket });
      const stream = session.request({ ":method": "POST", ":path": UNARY, ...JSON_TYPE });
      stream.end('{"id":"two"}');
      expect(String((await once(stream, "data"))[0])).toBe('{"id":"two"}');
      session.destroy();
    } else {
      socket.write(
        `POST ${UNARY} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{"id":"one"}`,
      );
      expect(String((await once(socket, "data"))[0])).toContain('{"id":"one"}');
      socket.destroy();
    }
  });

  it("a peer that offers neither is told so", async () => {
    const port = await serve(echo, { tls });
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["h3"] });
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({ code: expect.stringContaining("NO_APPLICATION_PROTOCOL") });
  });
});

describe("a drain", () => {
  it("closes connections that are kept alive, and lets the last answer say so", async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const port = await serve({ unary: async ({ id }) => (id === "slow" ? gate.then(() => ({ id })) : { id }) });
    const call = (id: string) => {
      const body = `{"id":"${id}"}`;
      return `POST ${UNARY} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    };
    const idle = speak(port, call("fast"));
    const busy = speak(port, call("slow"));
    await expect.poll(() => logger.lines.filter(({ message }) => message === "unary.request").length).toBe(2);
    await sleep(20);
    const closed = servers.at(-1)?.drain();
    expect(await idle.heard).toContain('{"id":"fast"}');
    open();
    expect(await busy.heard).toContain('{"id":"slow"}');
    expect(await closed).toMatchObject({ outcome: "drained" });
  });

  it("answers UNAVAILABLE what runs on", async () => {
    const port = await serve(
      { unary: async (_, { signal }) => new Promise((_, no) => signal.addEventListener("abort", no)) },
      { drainMs: 30 },
    );
    const answer = post(port, "{}");
    await expect.poll(() => logger.lines.some(({ message }) => message === "unary.request")).toBe(true);
    const closed = servers.at(-1)?.drain();
    expect(JSON.parse((await answer).body)).toMatchObject({ code: "unavailable" });
    expect(await closed).toMatchObject({ outcome: "forced", abandoned: 1 });
  });
});

describe("answers", () => {
  it("are packed where the contract says so, for who can unpack them", async () => {
    const unary = () => ({ id: "x".repeat(5_000) });
    const packing = await serve([bindProbe({ unary }, { policies: { unary: { compress: true } } })]);
    const plain = await serve({ unary });
    for (const [port, encoding] of [
      [packing, "gzip"],
      [plain, undefined],
    ] as const) {
      const answered = await post(port, "{}", { "accept-encoding": "gzip, br" });
      expect(answered.headers["content-encoding"]).toBe(encoding);
    }
    expect((await post(packing, "{}")).headers["content-encoding"]).toBeUndefined();
    const transport = createConnectTransport({ baseUrl: `http://127.0.0.1:${packing}`, httpVersion: "1.1" });
    expect((await createClient(ProbeService, transport).unary({})).id).toHaveLength(5_000);
  });
});
