import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { CallCredentials, ChannelCredentials, Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { certificateFile } from "../../test-support/certificates.js";
import { probeClient } from "../../test-support/probe-client.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { buildChannel, type Channel } from "../channel/channel.js";
import { tlsChannelCredentials } from "../channel/tls-credentials.js";
import { createServer as createGrpcServer, type GrpcServer } from "../server/server.js";
import { silentLogger } from "../testing/call-context.js";

// TLS to a server that is addressed by its IP: without a server name (Node 26 refuses an address as one), and with its address checked.

const close: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of close.splice(0).reverse()) {
    await each();
  }
});

const [cert, key] = [readFileSync(certificateFile("server-1.pem")), readFileSync(certificateFile("server-1.key"))];
const ca = readFileSync(certificateFile("ca.pem"));

/** A server that ends TLS, and hears which name it is called by. */
async function serve(host: string): Promise<{ port: number; names: (string | false)[] }> {
  const grpc: GrpcServer = createGrpcServer([bindProbe({ unary: () => ({ id: "here" }) })], {
    logger: silentLogger,
    handleSignals: false,
    drainMs: 0,
  });
  const names: (string | false)[] = [];
  const front: Server = createServer({ cert, key, ALPNProtocols: ["h2"] }, (socket: TLSSocket) => {
    names.push(socket.servername || false);
    void grpc.accept(socket);
  });
  await new Promise<void>((resolve) => front.listen(0, host, resolve));
  close.push(
    () => new Promise((resolve) => front.close(resolve)),
    () => grpc.drain(),
  );
  return { port: (front.address() as AddressInfo).port, names };
}

async function call(target: string, credentials: ChannelCredentials, extraOptions: object = {}): Promise<string> {
  const channel: Channel = buildChannel(
    target,
    {},
    {
      credentials,
      logger: silentLogger,
      extraOptions: { "grpc.use_local_subchannel_pool": 1, ...extraOptions },
    },
  );
  close.push(() => channel.close());
  return (await probeClient(channel).unary({}, { timeoutMs: 20_000 })).id;
}

const token = CallCredentials.createFromMetadataGenerator((_, callback) => callback(null, new Metadata()));

const CREDENTIALS = {
  "tlsChannelCredentials()": () => tlsChannelCredentials({ ca: certificateFile("ca.pem"), logger: silentLogger }),
  "createSsl()": () => ChannelCredentials.createSsl(ca),
  "createSsl() with call credentials": () => ChannelCredentials.createSsl(ca).compose(token),
};

describe.each(Object.entries(CREDENTIALS))("%s", (_, credentials) => {
  it.each(["127.0.0.1", "ipv4:127.0.0.1", "dns:127.0.0.1", "dns:///127.0.0.1"])(
    "reaches %s, and names none",
    async (host) => {
      const { port, names } = await serve("127.0.0.1");
      expect(await call(`${host}:${port}`, credentials())).toBe("here");
      expect(names).toEqual([false]);
    },
  );

  it("names a host that has a name", async () => {
    const { port, names } = await serve("127.0.0.1");
    expect(await call(`localhost:${port}`, credentials())).toBe("here");
    expect(names).toEqual(["localhost"]);
  });

  it("takes no certificate of another address", async () => {
    const { port, names } = await serve("127.0.0.2");
    await expect(call(`127.0.0.2:${port}`, credentials())).rejects.toThrow(/127\.0\.0\.2/);
    expect(names.every((name) => name === false)).toBe(true);
  });

  it.each(["localhost", "127.0.0.1"])("takes one of the name that is wanted instead: %s", async (name) => {
    const { port, names } = await serve("127.0.0.2");
    const options = { "grpc.ssl_target_name_override": name };
    expect(await call(`127.0.0.2:${port}`, credentials(), options)).toBe("here");
    expect(names).toEqual([name === "localhost" ? name : false]);
  });
});

it("channels with equal credentials go on sharing their connections", async () => {
  const { port, names } = await serve("127.0.0.1");
  const credentials = ChannelCredentials.createSsl(ca);
  for (let channel = 0; channel < 2; channel += 1) {
    await call(`127.0.0.1:${port}`, credentials, { "grpc.use_local_subchannel_pool": 0 });
  }
  expect(names).toHaveLength(1);
});
