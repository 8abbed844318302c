import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createSecureServer, createServer, type Http2Session } from "node:http2";
import { type AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { certificateFile } from "../../../test-support/certificates.js";
import { FRAME, RawHttp2 } from "../../../test-support/raw-http2.js";
import { sendShutdownNotice } from "./shutdown-notice.js";

const ANY_STREAM = 2 ** 31 - 1;
const close: (() => void)[] = [];

afterEach(() => {
  for (const each of close.splice(0).reverse()) {
    each();
  }
});

/** A session of a server, and its peer, which has made one call. */
async function openSession(): Promise<{ session: Http2Session; peer: RawHttp2; streams: number[] }> {
  const server = createServer();
  const streams: number[] = [];
  server.on("stream", (stream) => {
    streams.push(stream.id ?? 0);
    stream.on("error", () => {});
    stream.respond();
  });
  const opened = once(server, "session") as Promise<[Http2Session]>;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const peer = new RawHttp2(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [session] = await opened;
  peer.write(RawHttp2.headers("/first", 1));
  await vi.waitFor(() => expect(streams).toEqual([1]));
  close.push(() => {
    peer.socket.destroy();
    session.destroy();
    server.close();
  });
  return { session, peer, streams };
}

describe("a shutdown notice", () => {
  it("is a GOAWAY after which streams are still served, before whatever is sent later", async () => {
    const { session, peer, streams } = await openSession();
    expect(sendShutdownNotice(session)).toBe("sent");
    session.ping(() => {});
    await vi.waitFor(() => expect(peer.received.some(({ type }) => type === FRAME.ping)).toBe(true));
    expect(peer.received.map(({ type }) => type).slice(-2)).toEqual([FRAME.goAway, FRAME.ping]);

    peer.write(RawHttp2.headers("/second", 3));
    await vi.waitFor(() => expect(streams).toEqual([1, 3]));
    session.close();
    await vi.waitFor(() => expect(peer.lastStreams).toEqual([ANY_STREAM, 3]));
  });

  it("is what Node's own isn't: that one has streams ignored, and goes out after a PING", async () => {
    const { session, peer, streams } = await openSession();
    session.goaway(0, ANY_STREAM);
    session.ping(() => {});
    await vi.waitFor(() => expect(peer.lastStreams).toEqual([ANY_STREAM]));
    expect(peer.received.map(({ type }) => type).slice(-2)).toEqual([FRAME.ping, FRAME.goAway]);

    const answers = peer.received.length;
    peer.write(RawHttp2.headers("/second", 3), RawHttp2.ping());
    // It has read both when it answers the second.
    await vi.waitFor(() => expect(peer.received.length).toBeGreaterThan(answers));
    session.close();
    await vi.waitFor(() => expect(peer.lastStreams).toEqual([ANY_STREAM, 1]));
    expect(streams).toEqual([1]);
  });

  it("waits while the socket has no room, where it would be in the middle of a frame", async () => {
    const { session, peer } = await openSession();
    const { socket } = session;
    const handle = (socket as unknown as { _handle: { fd: number } })._handle;
    const waiting = { fd: handle.fd, writeQueueSize: 1 };
    expect(sendShutdownNotice(withHandle(session, waiting))).toBe("busy");
    waiting.writeQueueSize = 0;
    // Nothing goes before the SETTINGS with which a connection begins.
    expect(sendShutdownNotice(withHandle(session, waiting, 0))).toBe("busy");
    expect(sendShutdownNotice(withHandle(session, waiting))).toBe("sent");
    await vi.waitFor(() => expect(peer.lastStreams).toEqual([ANY_STREAM]));
  });

  it("isn't possible on a session that is closing, or has gone, or whose socket isn't the system's", async () => {
    const { session, peer } = await openSession();
    expect(sendShutdownNotice(withHandle(session, {}))).toBe("impossible");
    expect(sendShutdownNotice(withHandle(session, { fd: -1, writeQueueSize: 0 }))).toBe("impossible");
    expect(sendShutdownNotice(withHandle(session, null))).toBe("impossible");
    expect(sendShutdownNotice(withHandle(session, { fd: 1_000_000, writeQueueSize: 0 }))).toBe("impossible");
    session.close();
    expect(sendShutdownNotice(session)).toBe("impossible");
    session.destroy();
    expect(sendShutdownNotice(session)).toBe("impossible");
    expect(peer.lastStreams).not.toContain(ANY_STREAM);
  });

  it("isn't possible where TLS encrypts", async () => {
    const server = createSecureServer({
      key: readFileSync(certificateFile("server-1.key")),
      cert: readFileSync(certificateFile("server-1.pem")),
    });
    const opened = once(server, "session") as Promise<[Http2Session]>;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = connect(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      rejectUnauthorized: false,
    });
    client.on("error", () => {});
    const [session] = await opened;
    expect(sendShutdownNotice(session)).toBe("impossible");
    client.destroy();
    server.close();
  });
});

/** The same session, on a socket with another inside. */
function withHandle(session: Http2Session, handle: object | null, bytesWritten = 1): Http2Session {
  const socket = Object.defineProperty(Object.assign(new Socket(), { _handle: handle }), "bytesWritten", {
    value: bytesWritten,
  });
  const inside = { closed: false, destroyed: false, encrypted: false, socket, destroy: () => session.destroy() };
  return inside as unknown as Http2Session;
}
