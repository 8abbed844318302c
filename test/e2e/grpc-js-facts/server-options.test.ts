import { once } from "node:events";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { FRAME, RawHttp2 } from "../../../runtime/test-support/raw-http2.js";
import { Opened, PlainClient, plainServer } from "./plain-grpc.js";

// Options of grpc-js's server that are honoured. Those of a connection's age, and those that aren't, are in server.test.ts.

const opened = new Opened();
afterEach(() => opened.close());

/** A connection that says nothing by itself. */
function session(target: string): ClientHttp2Session {
  const connection = connect(`http://${target}`).on("error", () => {});
  opened.add(() => connection.destroy());
  return connection;
}

it("max_connection_idle_ms: a connection without calls is closed", async () => {
  const { target } = await plainServer(opened, {}, { "grpc.max_connection_idle_ms": 50 });
  await once(session(target), "close");
});

it("keepalive_time_ms and keepalive_timeout_ms: a peer that answers no ping is disconnected", async () => {
  const { target } = await plainServer(opened, {}, { "grpc.keepalive_time_ms": 50, "grpc.keepalive_timeout_ms": 50 });
  const silent = new RawHttp2(target);
  opened.add(() => silent.socket.destroy());
  await once(silent.socket, "close");
  expect(silent.received.some(({ type }) => type === FRAME.ping)).toBe(true);
});

it("max_concurrent_streams: clients are told", async () => {
  const { target } = await plainServer(opened, {}, { "grpc.max_concurrent_streams": 7 });
  const [settings] = await once(session(target), "remoteSettings");
  expect(settings).toMatchObject({ maxConcurrentStreams: 7 });
});

describe("max_receive_message_length and max_send_message_length: a larger message is RESOURCE_EXHAUSTED", () => {
  it.each([
    ["received", { "grpc.max_receive_message_length": 100 }, 101, 0],
    ["sent", { "grpc.max_send_message_length": 100 }, 0, 101],
  ])("%s", async (_way, options, requestBytes, responseBytes) => {
    const { target } = await plainServer(
      opened,
      { unary: (_call, callback) => callback(null, Buffer.alloc(responseBytes)) },
      options,
    );
    const client = new PlainClient(opened, target);
    expect(await client.unary({ request: Buffer.alloc(requestBytes) })).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });
  });
});

describe("grpc-node.max_session_memory", () => {
  /** How a call ends on a connection that holds 12 MB which its peer doesn't read. */
  async function besideUnreadData(options: object): Promise<number | undefined> {
    const { target } = await plainServer(
      opened,
      {
        serverStream: (call) => call.write(Buffer.alloc(12_000_000)),
        unary: (_call, callback) => callback(null, Buffer.alloc(0)),
      },
      options,
    );
    const connection = session(target);
    const call = (path: string) =>
      connection
        .request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" })
        .on("error", () => {});
    const slow = call("/facts.Plain/ServerStream");
    slow.end(Buffer.alloc(5));
    await once(slow, "response");
    const other = call("/facts.Plain/Unary");
    other.resume().end(Buffer.alloc(5));
    await new Promise((resolve) => other.once("close", resolve));
    return other.rstCode;
  }

  it("in MB: a connection that needs more gets no further calls", async () => {
    expect(await besideUnreadData({ "grpc-node.max_session_memory": 10 })).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });

  it("isn't limited by default, unlike Node's 10 MB", async () => {
    expect(await besideUnreadData({})).toBe(constants.NGHTTP2_NO_ERROR);
  });
});
