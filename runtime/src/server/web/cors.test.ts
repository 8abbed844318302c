import { afterEach, describe, expect, it } from "vitest";
import { bindProbe, type ProbeServicer, TooLowError } from "../../../test-support/probe-service.js";
import { type RawAnswer, rawRequest } from "../../../test-support/web-protocols.js";
import { MemoryLogger } from "../../testing/index.js";
import { createServer, type GrpcServer, type ServerOptions } from "../server.js";
import type { CorsOptions } from "./http-options.js";

const UNARY = "/probe.v1.ProbeService/Unary";
const APP = "https://app.example.com";
const OTHER = "https://other.example.com";

const servers: GrpcServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.drain()));
});

const echoCookie: ProbeServicer = {
  unary: ({ id }, { requestMetadata }) => {
    if (id === "low") {
      throw new TooLowError({ balance: "1" });
    }
    return { id: String(requestMetadata.get("cookie")[0] ?? "no cookie") };
  },
};

const AUTH = { unary: { auth: { requirement: "required" as const } } };

async function serve(cors: CorsOptions | undefined, asksWhoCalls = false): Promise<number> {
  const server = createServer([bindProbe(echoCookie, asksWhoCalls ? { policies: AUTH } : {})], {
    logger: new MemoryLogger(),
    handleSignals: false,
    http: cors === undefined ? {} : { cors },
    ...(asksWhoCalls && { auth: () => undefined }),
  });
  servers.push(server);
  return (await server.start("127.0.0.1:0")).port;
}

function request(port: number, method: string, headers: Readonly<Record<string, string>>, id = ""): Promise<RawAnswer> {
  const body = Buffer.from(`{"id":"${id}"}`);
  const init = { httpVersion: "1.1", method, path: UNARY, headers } as const;
  return rawRequest(port, method === "POST" ? { ...init, body } : init).answer;
}

const preflight = (port: number, origin: string) =>
  request(port, "OPTIONS", { origin, "access-control-request-method": "POST" });

const call = (port: number, headers: Readonly<Record<string, string>>, id?: string) =>
  request(port, "POST", { "content-type": "application/json", ...headers }, id);

const corsHeaders = ({ headers }: RawAnswer) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control-")));

describe("a page of another origin", () => {
  it.each([
    ["without options", undefined],
    ["that isn't named", { origins: [APP] }],
  ])("may nothing: %s", async (_name, cors) => {
    const port = await serve(cors);
    expect(corsHeaders(await preflight(port, OTHER))).toEqual({});
    expect(corsHeaders(await call(port, { origin: OTHER }))).toEqual({});
  });

  it("that is named may set and read exactly what the protocols need, and what else is named", async () => {
    const port = await serve({ origins: [APP], allowedHeaders: ["X-Tenant"], exposedHeaders: ["X-Region"] });
    const asked = await preflight(port, APP);
    expect(asked.status).toBe(204);
    expect(asked.headers.vary).toContain("origin");
    expect(corsHeaders(asked)).toEqual({
      "access-control-allow-origin": APP,
      "access-control-allow-methods": "POST, GET",
      "access-control-allow-headers":
        "content-type, connect-protocol-version, connect-timeout-ms, connect-content-encoding, connect-accept-encoding, " +
        "content-encoding, accept-encoding, grpc-message-type, x-grpc-web, x-user-agent, grpc-timeout, x-tenant",
      "access-control-expose-headers":
        "grpc-status, grpc-message, grpc-status-details-bin, content-encoding, connect-content-encoding, x-region",
      "access-control-max-age": "7200",
    });
  });

  it("reads answers, and errors too", async () => {
    const port = await serve({ origins: [APP] });
    for (const id of ["", "low"]) {
      const answered = await call(port, { origin: APP }, id);
      expect(answered.headers).toMatchObject({ "access-control-allow-origin": APP, vary: "origin" });
      expect(answered.headers["access-control-allow-credentials"]).toBeUndefined();
    }
    expect((await call(port, {})).headers).toMatchObject({ vary: "origin" });
  });

  it("may be any, where nobody is asked who calls", async () => {
    const port = await serve({ origins: ["*"] });
    expect((await call(port, { origin: OTHER })).headers["access-control-allow-origin"]).toBe("*");
    expect((await preflight(port, OTHER)).headers["access-control-allow-headers"]).not.toContain("authorization");
  });

  it("may send credentials in a header where methods ask who calls", async () => {
    const port = await serve({ origins: [APP] }, true);
    expect((await preflight(port, APP)).headers["access-control-allow-headers"]).toContain("authorization");
    expect(await call(port, { origin: APP })).toMatchObject({
      status: 401,
      headers: { "access-control-allow-origin": APP },
    });
  });
});

describe("cookies", () => {
  const cookie = "session=1";

  it("reach no handler unless they are asked for", async () => {
    const port = await serve({ origins: [APP] });
    expect((await call(port, { origin: APP, cookie })).body).toContain("no cookie");
  });

  it.each([
    ["a named origin", { origin: APP }, 200, cookie],
    ["the server's own", { origin: "http://localhost:1234", host: "localhost:1234" }, 200, cookie],
    ["its own, without saying so", { "sec-fetch-site": "same-origin" }, 200, cookie],
    ["no page", {}, 200, "no cookie"],
    ["another page's image", { "sec-fetch-site": "cross-site" }, 200, "no cookie"],
    ["an origin that isn't named", { origin: OTHER }, 403, "permission_denied"],
    ["a page in a sandbox", { origin: "null" }, 403, "permission_denied"],
  ])("that come with a call of %s", async (_name, headers, status, says) => {
    const port = await serve({ origins: [APP], credentials: true });
    const answered = await call(port, { ...headers, cookie });
    expect(answered).toMatchObject({ status });
    expect(answered.body).toContain(says);
    const isNamed = "origin" in headers && headers.origin === APP;
    expect(answered.headers["access-control-allow-credentials"]).toBe(isNamed ? "true" : undefined);
  });
});

describe("options of CORS", () => {
  const make = (cors: unknown, more: ServerOptions = {}, policies = {}) =>
    createServer([bindProbe(echoCookie, { policies })], { http: { cors: cors as CorsOptions }, ...more });

  it.each([
    [{}, "http.cors.origins must be a list of origins"],
    [{ origins: APP }, "http.cors.origins must be a list of origins"],
    [{ origins: [`${APP}/`] }, "http.cors.origins[0] must be an origin as a browser sends it, without a path"],
    [{ origins: ["app.example.com"] }, "http.cors.origins[0] must be an origin as a browser sends it"],
    [{ origins: ["*", APP] }, 'http.cors.origins must be ["*"] alone, or origins without it'],
    [{ origins: [APP], allowedHeaders: ["x y"] }, "http.cors.allowedHeaders[0] must be the name of a header"],
    [
      { origins: [APP], maxAgeSecond: 1 },
      "there is no option http.cors.maxAgeSecond: did you mean http.cors.maxAgeSeconds?",
    ],
    [{ origins: ["*"], credentials: true }, 'http.cors.origins is "*", and cookies count (http.cors.credentials)'],
  ])("%j are refused", (cors, why) => {
    expect(() => make(cors)).toThrow(why);
  });

  it("don't open to all what asks who calls", () => {
    expect(() => make({ origins: ["*"] }, { auth: () => undefined }, AUTH)).toThrow(
      'http.cors.origins is "*", and methods ask who calls (auth)',
    );
    expect(() => make({ origins: [APP, "http://localhost:5173", "capacitor://localhost"] })).not.toThrow();
  });
});
