import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { endInOrder } from "./closed-sessions.js";

let server: Http2Server;

beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => server.close());

async function connected(): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(session, "connect");
  // The server's end may come as a reset.
  session.on("error", () => {});
  return session;
}

it("ends a session that has a call when its socket has closed, and gives the call the error", async () => {
  const session = await connected();
  endInOrder(session);
  const failed = once(session.request(), "error");
  const ended = new Promise((resolve) => session.once("close", resolve));
  session.destroy(new Error("gone"));
  expect(session.destroyed).toBe(false);
  await ended;
  expect(session.destroyed).toBe(true);
  expect(await failed).toMatchObject([{ message: "gone" }]);
});

it("ends a session that has none and is closed at once", async () => {
  const session = await connected();
  endInOrder(session);
  const stream = session.request();
  stream.close();
  await once(stream, "close");
  session.close();
  session.destroy();
  expect(session.destroyed).toBe(true);
});

it("is what Node doesn't do", async () => {
  const session = await connected();
  session.request().on("error", () => {});
  session.destroy();
  expect(session.destroyed).toBe(true);
});
