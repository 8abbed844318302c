import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { certificateFile } from "../../test-support/certificates.js";
import { OtherService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { tlsServerCredentials } from "../channel/tls-credentials.js";
import { bindService } from "../server/bind-service.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { runProbe } from "./probe-command.js";

const PROBE = "probe.v1.ProbeService";
const committed = (name: string) => ({
  certificate: certificateFile(`${name}.pem`),
  key: certificateFile(`${name}.key`),
});

let running: TestServer | undefined;
let bare: Server | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
  bare?.close();
  bare = undefined;
});

async function serve(tls?: { clientCa?: string }): Promise<string> {
  const logger = new MemoryLogger();
  const other = bindService(OtherService, { ping: { handler: () => ({}) } }, { healthRole: "optional" });
  running = await startTestServer([bindProbe({}), other], {
    logger,
    ...(tls && { credentials: tlsServerCredentials({ ...committed("server-1"), logger, ...tls }) }),
  });
  return running.address;
}

async function listen(server: Server): Promise<string> {
  bare = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function probe(...argv: string[]): Promise<{ code: number; said: string }> {
  let said = "";
  const code = await runProbe(argv, (text) => {
    said += text;
  });
  return { code, said };
}

describe("accord-probe", () => {
  it("is content with a server that serves, and with its services", async () => {
    const address = await serve();
    expect(await probe(address)).toEqual({ code: 0, said: "" });
    expect(await probe("--service", PROBE, address)).toEqual({ code: 0, said: "" });
  });

  it("says that there is no such service, or that it doesn't serve", async () => {
    const address = await serve();
    expect(await probe("--service", "probe.v1.Nope", address)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/^accord-probe: probe\.v1\.Nope answers with gRPC status 5: /),
    });
    running?.server.health.set(PROBE, false);
    expect(await probe("--service", PROBE, address)).toEqual({
      code: 1,
      said: `accord-probe: ${PROBE} is NOT_SERVING\n`,
    });
    expect(await probe(address)).toMatchObject({ code: 1 });
  });

  it("speaks TLS, and shows a certificate to a server that asks for one", async () => {
    const address = await serve({});
    expect(await probe("--tls", "--service", PROBE, address)).toEqual({ code: 0, said: "" });
    expect(await probe(address)).toMatchObject({ code: 1 });
    await running?.close();

    const mutual = await serve({ clientCa: certificateFile("ca.pem") });
    const { certificate, key } = committed("client-1");
    expect(await probe("--tls", "--certificate", certificate, "--key", key, mutual)).toEqual({ code: 0, said: "" });
    expect(await probe("--tls", mutual)).toMatchObject({ code: 1 });
  });

  it("says that nobody is there, or that nobody answers", async () => {
    const address = await listen(createServer());
    const silent = await probe("--timeout", "50", address);
    expect(silent).toEqual({
      code: 1,
      said: `accord-probe: ${address} doesn't answer: nothing came within 50 ms.\n`,
    });
    bare?.close();
    const closed = await probe("--timeout", "2000", "127.0.0.1:1");
    expect(closed.code).toBe(1);
    expect(closed.said).toContain("127.0.0.1:1 doesn't answer: ");
  });

  it.each([
    ["HTTP without gRPC", "HTTP 404", 404, {}],
    ["no answer in its answer", "is UNKNOWN", 200, { "grpc-status": "0" }],
  ])("takes %s for what it is", async (_, expected, status, headers) => {
    const server = createHttp2Server();
    server.on("stream", (stream) => {
      stream.respond({ ":status": status, ...headers });
      stream.end();
    });
    const address = await listen(server);
    expect(await probe(address)).toMatchObject({ code: 1, said: expect.stringContaining(expected) });
  });

  it.each([
    [[], "name one address"],
    [["localhost"], "name one address"],
    [["a:1", "b:2"], "name one address"],
    [["--timeout", "soon", "a:1"], '--timeout takes milliseconds: "soon" are none.'],
    [["--certificate", "x", "a:1"], "--certificate and --key belong together."],
    [["--servise", "x", "a:1"], "--servise"],
    [["--tls", "--certificate", "/none", "--key", "/none", "a:1"], "/none"],
  ])("explains itself when it is called wrongly: %j", async (argv, expected) => {
    const { code, said } = await probe(...argv);
    expect(code).toBe(2);
    expect(said).toContain(expected);
    expect(said).toContain("Usage: accord-probe");
  });

  it("explains itself when asked", async () => {
    expect(await probe("--help")).toMatchObject({ code: 0, said: expect.stringMatching(/^Usage: accord-probe/) });
  });
});
