import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { keepAliveWhileClosing, ServedSessions } from "./closing-session.js";

let server: Http2Server | undefined;
let client: ClientHttp2Session | undefined;

afterEach(() => {
  client?.destroy();
  server?.close();
});

/** A connection with a stream that stays open. */
async function openConnection(): Promise<{ client: ClientHttp2Session; server: ServerHttp2Session }> {
  const http2Server = createServer();
  server = http2Server;
  http2Server.on("stream", (stream) => stream.respond());
  http2Server.listen(0, "127.0.0.1");
  await once(http2Server, "listening");
  const bound = http2Server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const opened = once(http2Server, "session");
  client = connect(`http://127.0.0.1:${port}`);
  const request = client.request();
  request.on("error", () => {});
  await once(request, "response");
  const [session] = (await opened) as [ServerHttp2Session];
  return { client, server: session };
}

/** What grpc-js's keepalive does. */
function ping(session: ClientHttp2Session | ServerHttp2Session): Promise<{ sent: boolean; error: Error | null }> {
  return new Promise((resolve) => {
    const sent: boolean = session.ping((error) => queueMicrotask(() => resolve({ sent, error })));
  });
}

describe.each(["client", "server"] as const)("a session of a %s", (side) => {
  it("answers a keepalive while it is closing", async () => {
    const session = (await openConnection())[side];
    keepAliveWhileClosing(session);
    session.close();

    expect(await ping(session)).toEqual({ sent: true, error: null });
  });

  it("answers a keepalive while it isn't", async () => {
    const session = (await openConnection())[side];
    keepAliveWhileClosing(session);

    expect(await ping(session)).toEqual({ sent: true, error: null });
  });

  it("would fail it otherwise: Node sends no PING while a session is closing", async () => {
    const session = (await openConnection())[side];
    session.close();

    const { sent, error } = await ping(session);
    expect(sent).toBeUndefined();
    expect(error).toBeInstanceOf(Error);
  });
});

describe("the sessions of a server", () => {
  /** What grpc-js's server has inside. */
  function sessionsOf(http2Server: Http2Server): ServedSessions {
    return new ServedSessions({ http2Servers: new Map([[http2Server, {}]]) } as unknown as Server);
  }

  async function served(): Promise<{ sessions: ServedSessions; connect(): ClientHttp2Session }> {
    const http2Server = createServer();
    server = http2Server;
    const sessions = sessionsOf(http2Server);
    http2Server.on("stream", (stream) => {
      stream.on("error", () => {});
      stream.respond();
    });
    http2Server.listen(0, "127.0.0.1");
    await once(http2Server, "listening");
    const bound = http2Server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    return {
      sessions,
      connect: () => {
        client = connect(`http://127.0.0.1:${port}`);
        client.on("error", () => {});
        return client;
      },
    };
  }

  it("have gone away when the peer says that it has heard it, or has left", async () => {
    const { sessions, connect: connectTo } = await served();
    const peer = connectTo();
    await once(peer, "remoteSettings");
    const [lastStream] = await Promise.all([
      once(peer, "goaway").then(([, stream]: unknown[]) => stream),
      sessions.goAway(),
    ]);
    expect(lastStream).toBe(2 ** 31 - 1);
    await sessions.idle();
  });

  it("are closed if they begin later: their peers go elsewhere", async () => {
    const { sessions, connect: connectTo } = await served();
    await sessions.goAway();
    const peer = connectTo();
    await Promise.all([once(peer, "goaway"), once(peer, "close")]);
    await sessions.idle();
  });

  it("take leave once, whoever closes them, and never say a higher number than before", async () => {
    const { sessions, connect: connectTo } = await served();
    const peer = connectTo();
    const numbers: unknown[] = [];
    peer.on("goaway", (_code, lastStream) => numbers.push(lastStream));
    const request = peer.request();
    request.on("error", () => {});
    const [session] = (await once(server as Http2Server, "session")) as [ServerHttp2Session];
    // As grpc-js does when a session is too old.
    session.goaway(0, 2 ** 31 - 1);
    session.close();
    await vi.waitFor(() => expect(numbers).toEqual([2 ** 31 - 1, 1]));
    await sessions.goAway();
    let closed = 0;
    session.close(() => (closed += 1));
    request.close();
    await sessions.idle();
    expect([closed, numbers]).toEqual([1, [2 ** 31 - 1, 1]]);
  });

  it("are closed without leave where it can't be taken, as with TLS", async () => {
    const { sessions, connect: connectTo } = await served();
    const peer = connectTo();
    const goaway = once(peer, "goaway");
    const [session] = (await once(server as Http2Server, "session")) as [ServerHttp2Session];
    Object.defineProperty(session, "encrypted", { value: true });
    await expect(sessions.goAway()).resolves.toBe(true);
    session.close();
    expect((await goaway)[1]).toBe(0);
    await sessions.idle();
  });

  it("are none where grpc-js doesn't tell", async () => {
    const sessions = new ServedSessions({} as Server);
    await sessions.goAway();
    await expect(sessions.idle()).resolves.toBeUndefined();
  });
});
