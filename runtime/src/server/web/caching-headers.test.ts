import { afterEach, describe, expect, it } from "vitest";
import { bindProbe, type ProbeServicer, TooLowError, withUnaryByGet } from "../../../test-support/probe-service.js";
import { type RawAnswer, rawRequest } from "../../../test-support/web-protocols.js";
import type { CallContext } from "../../call/call-context.js";
import type { AnswerCaching, ServicerMethodPolicy } from "../../call/servicer-method.js";
import { MemoryLogger } from "../../testing/index.js";
import { createServer, type GrpcServer, type ServerOptions } from "../server.js";

// What caches are told of answers, by real requests over both versions of HTTP.

const UNARY = "/probe.v1.ProbeService/Unary";
const QUERY = `connect=v1&encoding=json&message=${encodeURIComponent('{"id":"kept"}')}`;
const VERSIONS = ["1.1", "2"] as const;

const servers: GrpcServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.drain()));
});

const echo: ProbeServicer = { unary: ({ id }) => ({ id }) };

/** Serves a unary method without side effects. @param policy what its contract says */
async function serve(
  servicer: ProbeServicer,
  policy: ServicerMethodPolicy = {},
  options: ServerOptions = {},
): Promise<number> {
  const bound = bindProbe(servicer, { policies: { unary: policy } });
  const server = createServer([withUnaryByGet(bound)], {
    logger: new MemoryLogger(),
    handleSignals: false,
    drainMs: 500,
    auth: (metadata) => (metadata.get("authorization").length > 0 ? { subject: "somebody" } : undefined),
    http: {},
    ...options,
  });
  servers.push(server);
  return (await server.start("127.0.0.1:0")).port;
}

type Version = (typeof VERSIONS)[number];

const get = (
  port: number,
  httpVersion: Version,
  {
    path = `${UNARY}?${QUERY}`,
    headers = {},
  }: { readonly path?: string; readonly headers?: Record<string, string> } = {},
): Promise<RawAnswer> => rawRequest(port, { httpVersion, method: "GET", path, headers }).answer;

const post = (port: number, httpVersion: Version, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  rawRequest(port, {
    httpVersion,
    path: UNARY,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from('{"id":"kept"}'),
  }).answer;

const said = ({ headers }: RawAnswer) => [headers["cache-control"], headers.vary];
const MINUTE: AnswerCaching = { maxAgeSeconds: 60 };
const SHARED: AnswerCaching = { maxAgeSeconds: 60, shared: true };

describe.each(VERSIONS)("an answer to GET, over HTTP/%s", (version) => {
  it.each<[name: string, policy: ServicerMethodPolicy, options: ServerOptions, control: string, vary?: string]>([
    ["is kept by its caller", { cache: MINUTE }, {}, "private, max-age=60"],
    ["is kept by anybody", { cache: SHARED }, {}, "public, max-age=60"],
    ["is kept by nobody where the contract says nothing", {}, {}, "no-store"],
    [
      "is that caller's alone, where callers are asked who they are",
      { cache: MINUTE, auth: { requirement: "optional" } },
      {},
      "private, max-age=60",
      "authorization",
    ],
    [
      "depends on cookies, where handlers see them, and on the page",
      { cache: SHARED },
      { http: { cors: { origins: ["https://app.example.com"], credentials: true } } },
      "public, max-age=60",
      "origin, cookie",
    ],
    [
      "depends on what the caller can unpack, where it may come packed",
      { cache: SHARED, compress: true },
      {},
      "public, max-age=60",
      "accept-encoding",
    ],
    [
      "depends on all of these",
      { cache: MINUTE, compress: true, auth: { requirement: "required" } },
      { http: { cors: { origins: ["https://app.example.com"], credentials: true } } },
      "private, max-age=60",
      "origin, accept-encoding, authorization, cookie",
    ],
  ])("%s", async (_, policy, options, control, vary) => {
    const id = "kept".repeat(1_000);
    const port = await serve({ unary: () => ({ id }) }, policy, options);
    const authorization = "Bearer x";
    const answer = await get(port, version, { headers: { authorization } });
    expect(answer).toMatchObject({ status: 200, body: JSON.stringify({ id }) });
    expect(said(answer)).toEqual([control, vary]);
    // Whatever its form is, the same is told.
    const binary = `${UNARY}?connect=v1&encoding=proto&base64=1&message=`;
    const packed = await get(port, version, { path: binary, headers: { authorization, "accept-encoding": "gzip" } });
    expect([packed.status, packed.headers["content-encoding"]]).toEqual([200, policy.compress ? "gzip" : undefined]);
    expect(said(packed)).toEqual([control, vary]);
  });

  it("is what the handler says of itself", async () => {
    const port = await serve(
      {
        unary: ({ id }, context) => {
          context.responseHeaders.set("cache-control", "public, max-age=3600, immutable");
          context.responseHeaders.set("vary", "accept-language");
          return { id };
        },
      },
      { cache: MINUTE, auth: { requirement: "optional" } },
    );
    expect(said(await get(port, version))).toEqual([
      "public, max-age=3600, immutable",
      "accept-language, authorization",
    ]);
  });

  const fails = (unary: (context: CallContext) => never): ProbeServicer => ({
    unary: (_, context) => unary(context),
  });
  it.each<[name: string, servicer: ProbeServicer, policy: ServicerMethodPolicy, query: string, status: number]>([
    [
      "a declared error",
      fails(() => {
        throw new TooLowError({ balance: "1" });
      }),
      {},
      QUERY,
      400,
    ],
    [
      "an error of a handler that had said otherwise",
      fails((context) => {
        context.responseHeaders.set("cache-control", "public, max-age=3600");
        throw new TooLowError({ balance: "1" });
      }),
      {},
      QUERY,
      400,
    ],
    [
      "an undeclared one",
      fails(() => {
        throw new Error("internal");
      }),
      {},
      QUERY,
      500,
    ],
    ["an unknown caller", echo, { auth: { requirement: "required" } }, QUERY, 401],
    ["a request that can't be read", echo, {}, "connect=v1&encoding=json&message=nothing", 400],
    ["an encoding that nobody knows", echo, {}, "connect=v1&encoding=xml&message=", 415],
  ])("isn't kept where it is %s", async (_, servicer, policy, query, status) => {
    const port = await serve(servicer, { ...policy, cache: MINUTE });
    const answer = await get(port, version, { path: `${UNARY}?${query}` });
    expect(answer.status).toBe(status);
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  it.each<[name: string, path: string, status: number]>([
    ["a method that isn't there, which the next version may have", "/probe.v1.ProbeService/Later", 404],
    ["a method that isn't called by GET", "/probe.v1.ProbeService/ServerStream?encoding=json&message={}", 405],
  ])("isn't kept where it refuses %s", async (_, path, status) => {
    const answer = await get(await serve(echo, { cache: SHARED }), version, { path });
    expect(answer.status).toBe(status);
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  it("alone is kept: to POST, caches are told nothing", async () => {
    const port = await serve(echo, { cache: SHARED });
    expect(await post(port, version)).toMatchObject({ status: 200, body: '{"id":"kept"}' });
    expect(said(await post(port, version))).toEqual([undefined, undefined]);
  });
});

describe("a server isn't made where", () => {
  it.each<[name: string, cache: unknown, text: string]>([
    ["nothing says for how long", {}, "must have maxAgeSeconds"],
    ["the time isn't whole", { maxAgeSeconds: 1.5 }, "a whole number from 1 to 31536000"],
    ["the time is none", { maxAgeSeconds: 0 }, "maxAgeSeconds"],
    ["the time is over a year", { maxAgeSeconds: 31_536_001 }, "maxAgeSeconds"],
    ["the time is a text", { maxAgeSeconds: "60\r\nx: y" }, "maxAgeSeconds"],
    ["shared is a text", { maxAgeSeconds: 60, shared: "no" }, "true or false"],
  ])("%s", async (_, cache, text) => {
    await expect(serve(echo, { cache: cache as AnswerCaching })).rejects.toThrow(text);
  });

  it("one caller's answer would be another's", async () => {
    await expect(serve(echo, { cache: SHARED, auth: { requirement: "optional" } })).rejects.toThrow(
      "the cache of probe.v1.ProbeService.Unary has shared: true",
    );
  });
});
