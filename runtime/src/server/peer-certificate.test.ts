import { readFileSync } from "node:fs";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, Socket } from "node:net";
import { connect, createServer, type PeerCertificate, TLSSocket } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { certificateFile } from "../../test-support/certificates.js";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { createCallContext } from "../testing/index.js";
import { verifiedCertificate } from "./http2/verified-certificate.js";
import { peerCertificate } from "./peer-certificate.js";

const close: (() => unknown)[] = [];

afterEach(() => {
  for (const each of close.splice(0)) {
    each();
  }
});

const read = (name: string) => readFileSync(certificateFile(name));
const pair = (name: string) => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) });

/** What a server sees of a client that shows the certificate of a name, where showing one is optional. */
async function seen(name: string | undefined, init: { readonly requestCert: boolean; readonly ca?: Buffer }) {
  const server = createServer({ ...pair("server-1"), rejectUnauthorized: false, ...init });
  close.push(() => server.close());
  const found = new Promise<{ verified: PeerCertificate | undefined; shown: string | undefined }>((resolve) => {
    server.on("secureConnection", (socket) => {
      resolve({ verified: verifiedCertificate(socket), shown: socket.getPeerCertificate()?.subject?.CN as string });
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: "127.0.0.1", ca: read("ca.pem"), ...(name && pair(name)) });
  client.on("error", () => {});
  close.push(() => client.destroy());
  return found;
}

it.each([
  ["signed by the server's CA", "client-1", { requestCert: true, ca: read("ca.pem") }, "client-1"],
  ["signed by another CA", "other-client", { requestCert: true, ca: read("ca.pem") }, undefined],
  ["signed by a CA that the server isn't told of", "client-1", { requestCert: true }, undefined],
  ["none", undefined, { requestCert: true, ca: read("ca.pem") }, undefined],
  ["one that nobody asks for", "client-1", { requestCert: false, ca: read("ca.pem") }, undefined],
])("a client's certificate counts only if our CA has signed it: %s", async (_what, name, init, expected) => {
  const { verified, shown } = await seen(name, init);
  expect(verified?.subject.CN).toBe(expected);
  if (name === "other-client") {
    // TLS has let it in, and shows it to whoever asks.
    expect(shown).toBe("other-client");
  }
});

it("no other socket has one, whatever it says of itself", () => {
  const forged = { authorized: true, getPeerCertificate: () => ({ raw: Buffer.of(1), subject: { CN: "root" } }) };
  const unasked = new TLSSocket(new Socket());
  for (const socket of [undefined, new Socket(), unasked, forged as unknown as Socket]) {
    expect(verifiedCertificate(socket)).toBeUndefined();
  }
  unasked.destroy();
  expect(peerCertificate(createCallContext(ProbeService.method.unary))).toBeUndefined();
});

it("is found through the socket that node:http2 hands out, and plain connections have none", async () => {
  const server = createHttp2Server();
  close.push(() => server.close());
  const found = new Promise((resolve) => {
    server.on("session", (session) => resolve(verifiedCertificate(session.socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  close.push(() => client.destroy());
  expect(await found).toBeUndefined();
});
