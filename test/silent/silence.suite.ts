import { afterAll, describe, expect, it } from "vitest";
import { Link } from "../wire/link.js";
import { type CallsToMake, type Peer, startPeers } from "./peers.js";

// Calls of which nothing comes for a minute, and links with little bandwidth: what a keepalive has to leave alone. Ours, with default
// options and without a keepalive, at servers of others and at our own; and clients of others at ours.

type Calls = Omit<CallsToMake, "target">;

const SILENT: Calls = { stream: true, count: 1, everyMs: 0, waitMs: 60_000, requestBytes: 0, responseBytes: 0 };
const ONE_CALL: Calls = { ...SILENT, stream: false };
const SIX_STREAMS: Calls = { ...SILENT, count: 6, everyMs: 3_000 };
// Each of the two servers has six, one every 3 s.
const TWELVE_STREAMS: Calls = { ...SILENT, count: 12, everyMs: 1_500 };

const SLOW: Calls = { ...SILENT, stream: false, count: 4, waitMs: 0 };
const DOWN: Calls = { ...SLOW, responseBytes: 1_000_000 };
const UP: Calls = { ...SLOW, requestBytes: 1_000_000 };

const LINKS: readonly (readonly [way: string, kilobytes: number, calls: Calls])[] = [300, 60].flatMap(
  (kilobytes): [string, number, Calls][] => [
    ["down", kilobytes, DOWN],
    ["up", kilobytes, UP],
  ],
);

// Those that can be had; of the others, a line tells why.
const { accord, ...others } = await startPeers();
const links: Link[] = [];
afterAll(async () => {
  for (const link of links) {
    link.close();
  }
  await Promise.all([accord, ...Object.values(others)].map((peer) => peer.stop()));
});

/** Has a client make calls to servers of a peer, each to one of its own. Returns how they ended. */
async function calls(client: Peer, server: Peer, what: Calls, servers = 1): Promise<readonly string[]> {
  const ports = await Promise.all(Array.from({ length: servers }, () => server.serve()));
  const addresses = ports.map((port) => `127.0.0.1:${port}`).join(",");
  return client.call({ ...what, target: servers === 1 ? addresses : `ipv4:${addresses}` });
}

async function callsOverLink(client: Peer, server: Peer, what: Calls, kilobytes: number): Promise<readonly string[]> {
  const link = await Link.to(await server.serve(), { delayMs: 25, bytesPerSecond: kilobytes * 1_000 });
  links.push(link);
  return client.call({ ...what, target: `127.0.0.1:${link.port}` });
}

const allOk = ({ count }: Calls): readonly string[] => new Array<string>(count).fill("OK");

/** Calls of which nothing comes for a minute, and to how many servers they go. */
const SILENCE = [
  ["six silent streams, one begun every 3 s", SIX_STREAMS, 1],
  ["six silent streams at each of two servers", TWELVE_STREAMS, 2],
  ["one silent call", ONE_CALL, 1],
] as const;

describe.concurrent.each(Object.entries({ accord, ...others }))("our client, at a server of %s:", (name, server) => {
  it.each(SILENCE)("%s", async (_what, what, servers) => {
    expect(await calls(accord, server, what, servers)).toEqual(allOk(what));
  });

  it.each(SILENCE)("%s, without a keepalive", async (_what, what, servers) => {
    expect(await calls(accord, server, { ...what, keepaliveMs: 0 }, servers)).toEqual(allOk(what));
  });

  it.each(LINKS)("4 × 1 MB %s over %i kB/s", async (_way, kilobytes, calls) => {
    // A server of C-core's ends a connection whose answers have been under way for a minute: 4 MB are lost with every client, its own too.
    const what = name === "grpcio" && kilobytes === 60 && calls === UP ? { ...UP, count: 3 } : calls;
    expect(await callsOverLink(accord, server, what, kilobytes)).toEqual(allOk(what));
  });
});

describe.concurrent.each(Object.entries(others))("a client of %s, at our server:", (_name, client) => {
  it.each([
    ["six silent streams, one begun every 3 s", SIX_STREAMS],
    ["the same, with a keepalive of 10 s", { ...SIX_STREAMS, keepaliveMs: 10_000 }],
    ["one silent call", ONE_CALL],
    ["one silent call, with a keepalive of 10 s", { ...ONE_CALL, keepaliveMs: 10_000 }],
  ])("%s", async (_what, what) => {
    expect(await calls(client, accord, what)).toEqual(allOk(what));
  });

  it.each(LINKS)("4 × 1 MB %s over %i kB/s", async (_way, kilobytes, what) => {
    expect(await callsOverLink(client, accord, what, kilobytes)).toEqual(allOk(what));
  });
});

// What this looks like where it goes wrong.
const { "grpc-js": impatient, ...strict } = others;
it.concurrent.each(Object.entries(strict))(
  "a server of %s ends the calls of a client that pings every 5 s",
  async (_name, server) => {
    const ends = await calls(impatient, server, { ...SIX_STREAMS, keepaliveMs: 5_000 });
    expect(ends.filter((end) => end !== "OK").length).toBeGreaterThan(0);
  },
);
