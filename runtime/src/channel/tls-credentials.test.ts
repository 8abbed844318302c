import { readFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type PeerCertificate } from "node:tls";
import { status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { CertificateFolder, certificateFile } from "../../test-support/certificates.js";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, type ProbeServicer } from "../../test-support/probe-service.js";
import type { CallContext } from "../call/call-context.js";
import { bearerToken } from "../client/bearer-token.js";
import { peerCertificate } from "../server/peer-certificate.js";
import { MemoryLogger, startTestServer, type TestServer, type TestServerOptions } from "../testing/index.js";
import type { Channel } from "./channel.js";
import { type TlsChannelInit, type TlsServerInit, tlsChannelCredentials } from "./tls-credentials.js";

// Real certificates and real connections. "server-1" and so on are the common names in the committed certificates.

let server: TestServer;
let logger: MemoryLogger;
const channels: Channel[] = [];
const folders: CertificateFolder[] = [];

afterEach(async () => {
  for (const channel of channels.splice(0)) {
    channel.close();
  }
  await server.close();
  await Promise.all(folders.splice(0).map((folder) => folder.delete()));
});

const committed = (name: string) => ({
  certificate: certificateFile(`${name}.pem`),
  key: certificateFile(`${name}.key`),
});
const ca = certificateFile("ca.pem");
const otherCa = certificateFile("other-ca.pem");

async function folderOf(certificate: string, authority = "ca"): Promise<CertificateFolder> {
  const folder = await CertificateFolder.of(certificate, authority);
  folders.push(folder);
  return folder;
}

async function serve(
  tls: Partial<TlsServerInit>,
  servicer: ProbeServicer = whoCalls,
  options: TestServerOptions = {},
): Promise<void> {
  logger = new MemoryLogger();
  const { certificate: cert, ...others } = { ...committed("server-1"), logger, ...tls };
  server = await startTestServer([bindProbe(servicer, options.auth && { policies })], {
    tls: { cert, ...others },
    logger,
    ...options,
  });
}

const required = { auth: { requirement: "required" } } as const;
const policies = { unary: required, clientStream: required, serverStream: required, bidiStream: required };

function client(tls: TlsChannelInit, target = server.address) {
  const channel = insecureChannel(target, {}, { credentials: tlsChannelCredentials({ ca, logger, ...tls }) });
  channels.push(channel);
  return probeClient(channel);
}

/** The common name in the caller's certificate. */
const nameOf = (context: CallContext): string => String(peerCertificate(context)?.subject.CN ?? "nobody");

/** Answers with the common name in the caller's certificate. */
const whoCalls = servicerOf((_request, context) => ({ id: nameOf(context) }));

/** The common name that the server shows on a new connection. */
async function serversName(): Promise<string> {
  const [host, port] = server.address.split(":");
  const authority = await readFile(ca);
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port: Number(port), ca: authority, ALPNProtocols: ["h2"] }, () => {
      const { subject } = socket.getPeerCertificate() as PeerCertificate;
      socket.destroy();
      resolve(String(subject.CN));
    });
    socket.once("error", reject);
  });
}

/** Answers each request with who asks, until there are no more. */
const echoing: ProbeServicer = {
  ...whoCalls,
  async *bidiStream(requests, context) {
    for await (const { id } of requests) {
      yield { id: `${id} ${nameOf(context)}` };
    }
  },
};

/** A stream whose requests are sent one by one. */
function conversation(of: ReturnType<typeof client>) {
  const waiting: ((id: string | undefined) => void)[] = [];
  async function* requests() {
    for (;;) {
      const id = await new Promise<string | undefined>((resolve) => waiting.push(resolve));
      if (id === undefined) {
        return;
      }
      yield { id };
    }
  }
  const responses = of.bidiStream(requests())[Symbol.asyncIterator]();
  const say = async (id: string | undefined): Promise<string | undefined> => {
    const answer = responses.next();
    await expect.poll(() => waiting.length).toBe(1);
    waiting.shift()?.(id);
    return (await answer).value?.id;
  };
  return { say, end: () => say(undefined) };
}

describe.each(KINDS)("%s", (kind) => {
  it("goes over TLS, with a bearer token to any machine", async () => {
    await serve(
      {},
      servicerOf((_request, context) => ({
        id: `${nameOf(context)} ${context.requestMetadata.get("authorization")} ${context.peer.split(":")[0]}`,
      })),
    );
    const caller = client({}, server.address.replace("127.0.0.1", "localhost"));
    const { id } = await callOnce(caller, kind, {}, { credentials: bearerToken("secret") });
    expect(id).toBe("nobody Bearer secret 127.0.0.1");
  });

  it("makes an identity of a client's certificate", async () => {
    await serve(
      { clientCa: ca },
      servicerOf((_request, context) => ({ id: nameOf(context) })),
      {
        auth: (_metadata, context) => {
          const name = nameOf(context);
          return name === "client-1" ? { subject: name } : undefined;
        },
      },
    );
    expect((await callOnce(client(committed("client-1")), kind)).id).toBe("client-1");
    await expect(callOnce(client(committed("client-2")), kind)).rejects.toMatchObject({
      status: GrpcStatus.UNAUTHENTICATED,
    });
  });

  it("fails with UNAVAILABLE where one side doesn't trust the other", async () => {
    await serve({ clientCa: ca });
    for (const tls of [{}, committed("other-client"), { ...committed("client-1"), ca: otherCa }]) {
      await expect(callOnce(client(tls), kind, {}, { timeoutMs: 5_000 })).rejects.toMatchObject({
        status: GrpcStatus.UNAVAILABLE,
      });
    }
    expect(logger.lines.filter(({ message }) => message.startsWith(kind))).toEqual([]);
  });
});

it("callers whose certificate is optional count as anonymous without a good one", async () => {
  await serve({ clientCa: ca, clientCertificate: "optional" });
  expect((await client(committed("client-1")).unary({})).id).toBe("client-1");
  expect((await client({}).unary({})).id).toBe("nobody");
  expect((await client(committed("other-client")).unary({})).id).toBe("nobody");
});

it("a client without a CA of its own trusts whom Node trusts", async () => {
  await serve({});
  const trusting = probeClient(insecureChannel(server.address, {}, { credentials: tlsChannelCredentials() }));
  await expect(trusting.unary({}, { timeoutMs: 5_000 })).rejects.toMatchObject({
    status: GrpcStatus.UNAVAILABLE,
    message: expect.stringMatching(/unable to verify|self.signed|unable to get/i),
  });
});

it("a client's certificate and key belong together", () => {
  expect(() => tlsChannelCredentials({ certificate: certificateFile("client-1.pem") })).toThrow(TypeError);
  expect(() => tlsChannelCredentials({ key: certificateFile("client-1.key") })).toThrow(TypeError);
});

it("the first connection is served, and so is the first of a second server with the same certificates", async () => {
  await serve({});
  expect(await serversName()).toBe("server-1");
  await server.close();
  await serve({});
  expect(await serversName()).toBe("server-1");
});

describe("rotation", () => {
  const refreshMs = 20;

  it("gives new connections the server's new certificate, while calls run on", async () => {
    const folder = await folderOf("server-1");
    await serve({ certificate: folder.certificate, key: folder.key, refreshMs }, echoing);
    const old = client({});
    const talk = conversation(old);
    expect(await talk.say("before")).toBe("before nobody");
    expect(await serversName()).toBe("server-1");

    // One file after the other, as no rotation is atomic.
    await folder.put("tls.crt", "server-2.pem");
    await expect
      .poll(() => logger.lines.some(({ message }) => message.startsWith("tls.certificates_unusable")))
      .toBe(true);
    expect(await serversName()).toBe("server-1");
    await folder.put("tls.key", "server-2.key");
    await expect.poll(serversName).toBe("server-2");

    expect(await talk.say("after")).toBe("after nobody");
    expect((await old.unary({})).id).toBe("nobody");
    expect((await client({}).unary({})).id).toBe("nobody");
    expect(await talk.end()).toBeUndefined();
    expect(logger.lines.filter(({ message }) => message === "bidiStream.response")).toMatchObject([
      { fields: { status: "OK", requests: 2, responses: 2 } },
    ]);
  });

  it("gives new connections the client's new certificate, while calls run on", async () => {
    await serve({ clientCa: ca }, echoing);
    const folder = await folderOf("client-1");
    const credentials = tlsChannelCredentials({
      certificate: folder.certificate,
      key: folder.key,
      ca: folder.ca,
      refreshMs,
      logger,
    });
    const open = () => {
      const channel = insecureChannel(server.address, {}, { credentials });
      channels.push(channel);
      return probeClient(channel);
    };
    const talk = conversation(open());
    expect(await talk.say("before")).toBe("before client-1");
    await folder.put("tls.crt", "client-2.pem");
    await folder.put("tls.key", "client-2.key");
    await expect.poll(async () => (await open().unary({})).id).toBe("client-2");
    expect(await talk.say("after")).toBe("after client-1");
    await talk.end();
  });

  it("ends a CA's trust for new connections, while calls run on", async () => {
    const folder = await folderOf("server-1");
    await serve({ clientCa: folder.ca, refreshMs }, echoing);
    const talk = conversation(client(committed("client-1")));
    expect(await talk.say("before")).toBe("before client-1");
    await folder.put("ca.crt", "other-ca.pem");
    await expect
      .poll(() =>
        client(committed("other-client"))
          .unary({}, { timeoutMs: 2_000 })
          .then(
            ({ id }) => id,
            () => "refused",
          ),
      )
      .toBe("other-client");
    await expect(client(committed("client-1")).unary({}, { timeoutMs: 2_000 })).rejects.toMatchObject({
      status: GrpcStatus.UNAVAILABLE,
    });
    expect(await talk.say("after")).toBe("after client-1");
    await talk.end();
  });
});

it("a connection that never says hello doesn't hold the server's end", async () => {
  await serve({});
  const [host = "", port] = server.address.split(":");
  const socket = connectTcp(Number(port), host);
  await new Promise((resolve) => socket.once("connect", resolve));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  await server.close();
  await closed;
});
