import { afterEach, expect, it } from "vitest";
import { ProbeService } from "../../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe } from "../../../test-support/probe-service.js";
import { RawClient } from "../../../test-support/raw-client.js";
import { FRAME, RawHttp2 } from "../../../test-support/raw-http2.js";
import { startTestServer, type TestServer } from "../../testing/index.js";

let server: TestServer;

afterEach(() => server.close());

it("a GOAWAY with an error code, HEADERS and DATA in one packet end a connection, and not the process", async () => {
  server = await startTestServer([bindProbe({ unary: ({ id }) => ({ id }) })]);
  for (let count = 0; count < 10; count += 1) {
    const peer = new RawHttp2(server.address);
    const goaway = RawHttp2.goAway(0);
    // The error code: PROTOCOL_ERROR.
    goaway.writeUInt32BE(1, 13);
    peer.write(goaway, RawHttp2.headers("/probe.v1.ProbeService/Unary"), RawHttp2.emptyMessage(), RawHttp2.halfClose());
    await expect.poll(() => peer.received.some(({ type }) => type === FRAME.settings)).toBe(true);
    peer.socket.destroy();
  }
  const client = new RawClient(server.address);
  expect((await client.call(ProbeService.method.unary, [{ id: "alive" }])).responses[0]?.id).toBe("alive");
  client.close();
});
