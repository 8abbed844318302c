import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import { afterEach, describe, expect, it } from "vitest";
import { keepAliveWhileClosing } from "./closing-session.js";

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
