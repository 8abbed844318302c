import { afterAll, describe, expect, it } from "vitest";
import { startNode, startPeers } from "./peers.js";

// Thousands of gRPC's interoperability tests' `large_unary` at once, on one connection: what is busy says little, and isn't dead.

const COUNT = 3_000;
// A server of C-core's cancels some of what it hasn't begun beyond 1,000 calls: of 3,000 by grpc-go's client, it did 546.
const FEWER: Readonly<Record<string, number>> = { grpcio: 1_000 };
const LARGE_UNARY = {
  stream: false,
  everyMs: 0,
  waitMs: 0,
  requestBytes: 271_828,
  responseBytes: 314_159,
};

const client = await startNode("accord");
const { "grpc-js": plain, ...servers } = await startPeers();
afterAll(() => Promise.all([client, plain, ...Object.values(servers)].map((peer) => peer.stop())));

describe("thousands of large calls at once", () => {
  it.each(Object.entries(servers))("lose nothing at a server of %s", async (name, server) => {
    const startedAt = performance.now();
    const count = FEWER[name] ?? COUNT;
    const ends = await client.call({ ...LARGE_UNARY, count, target: `127.0.0.1:${await server.serve()}` });
    const lost = ends.filter((end) => end !== "OK");
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    process.stderr.write(
      `${name}: ${lost.length} of ${ends.length} large calls were lost, in ${seconds} s: ${[...new Set(lost)].slice(0, 3).join("; ")}\n`,
    );
    expect([...new Set(lost)]).toEqual([]);
    expect(ends).toHaveLength(count);
  });
});
