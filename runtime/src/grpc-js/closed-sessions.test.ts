import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it } from "vitest";
import { outliveStreams } from "./closed-sessions.js";

let server: Http2Server;

beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => server.close());

/** What is left of the native half of a session that has ended, after the garbage was collected. */
async function leftOf(prepare: (session: ClientHttp2Session) => void): Promise<object | undefined> {
  const ended = await endedSession(prepare);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 5; round += 1) {
    // What was looked at in a turn of the event loop is kept until its end.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return ended.deref();
}

async function endedSession(prepare: (session: ClientHttp2Session) => void): Promise<WeakRef<object>> {
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(session, "connect");
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === "kHandle") as symbol;
  const handle = new WeakRef(Reflect.get(session, key) as object);
  prepare(session);
  session.destroy();
  await once(session, "close");
  return handle;
}

it("keeps the native half of a session that has ended, so that its streams are collected first", async () => {
  expect(await leftOf(outliveStreams)).toBeDefined();
});

it("is what Node doesn't do", async () => {
  expect(await leftOf(() => {})).toBeUndefined();
});
