import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { insecureChannel } from "../../test-support/probe-client.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { startTestServer } from "../testing/index.js";
import { widenConnection } from "./connection-window.js";

const WIDE = 4 * 1024 * 1024;
const NARROW = 65_535;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function listen(): Promise<{ target: string; session: Promise<ServerHttp2Session> }> {
  const server = createServer().listen(0, "127.0.0.1");
  open.push(server);
  const session = once(server, "session").then(([opened]) => opened as ServerHttp2Session);
  await once(server, "listening");
  return { target: `127.0.0.1:${(server.address() as AddressInfo).port}`, session };
}

function connectTo(target: string): ClientHttp2Session {
  const client = connect(`http://${target}`);
  open.unshift({ close: () => client.destroy() });
  return client;
}

it("a server lets each client send 4 MiB at a time, and each stream as much as before", async () => {
  const world = await startTestServer([bindProbe({ unary: () => ({ id: "ok" }) })]);
  open.push(world);
  const client = connectTo(world.address);
  await vi.waitFor(() => expect(client.state.remoteWindowSize).toBe(WIDE));
  expect(client.remoteSettings.initialWindowSize).toBe(NARROW);
});

it("a channel lets each server send 4 MiB at a time, and 256 KiB of each stream", async () => {
  const { target, session } = await listen();
  const channel = insecureChannel(target);
  open.unshift(channel);
  channel.getConnectivityState(true);
  const server = await session;
  await vi.waitFor(() => expect(server.state.remoteWindowSize).toBe(WIDE));
  expect(server.remoteSettings.initialWindowSize).toBe(256 * 1024);
});

it("streams that nobody reads get their own windows, and don't hold up the connection", async () => {
  const { target, session } = await listen();
  const client = connectTo(target);
  const server = await session;
  widenConnection(server);
  server.on("stream", (stream) => stream.respond());
  await vi.waitFor(() => expect(client.state.remoteWindowSize).toBe(WIDE));
  const streams = 100;
  for (let index = 0; index < streams; index += 1) {
    const request = client.request({ ":method": "POST" });
    request.on("error", () => {});
    request.write(Buffer.alloc(2 * NARROW));
  }
  // More than the connection's window in all.
  await vi.waitFor(() => expect(server.socket.bytesRead).toBeGreaterThan(streams * NARROW));
  await new Promise<void>((resolve, reject) => client.ping((error) => (error === null ? resolve() : reject(error))));
  expect(server.socket.bytesRead).toBeLessThan(streams * NARROW * 1.01);
});

it("leaves a wider connection, and one that is gone, as it is", async () => {
  const { target, session } = await listen();
  const client = connectTo(target);
  const server = await session;
  server.setLocalWindowSize(2 * WIDE);
  widenConnection(server);
  expect(server.state.localWindowSize).toBe(2 * WIDE);
  client.destroy();
  server.destroy();
  expect(() => widenConnection(server)).not.toThrow();
});
