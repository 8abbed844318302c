import { Metadata } from "@grpc/grpc-js";
import { afterEach, expect, it, vi } from "vitest";

// A process may have two copies of the runtime, the ESM and the CommonJS one. grpc-js has one list of load balancing policies: the copy
// that opens a channel first puts its own there, and the calls of the other go through it.

const close: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of close.splice(0).reverse()) {
    await each();
  }
});

async function copy() {
  vi.resetModules();
  const { startTestServer } = await import("../testing/test-server.js");
  const { bindProbe } = await import("../../test-support/probe-service.js");
  const { insecureChannel, probeClient } = await import("../../test-support/probe-client.js");
  const { CallAttempts } = await import("./call-attempts.js");
  const { MOVED } = await import("./followed-calls.js");
  return { startTestServer, bindProbe, insecureChannel, probeClient, CallAttempts, MOVED };
}

it("a call of the other copy is told so, too, when it waits for a place", async () => {
  const first = await copy();
  let running = 0;
  const server = await first.startTestServer(
    [
      first.bindProbe({
        unary: () => {
          running += 1;
          return new Promise(() => {});
        },
      }),
    ],
    { maxConcurrentStreams: 1, drainMs: 0 },
  );
  close.push(() => server.close());
  // Nothing is connected before there is a call.
  void first
    .probeClient(server.channel)
    .unary({}, { timeoutMs: 20 })
    .catch(() => {});

  const second = await copy();
  expect(second.insecureChannel).not.toBe(first.insecureChannel);
  const channel = second.insecureChannel(server.address);
  close.push(() => channel.close());
  const client = second.probeClient(channel);
  const stop = new AbortController();
  close.push(() => stop.abort());
  const before = running;
  const stays = client.unary({}, { timeoutMs: 60_000, signal: stop.signal }).catch(() => {});
  await expect.poll(() => running, { timeout: 30_000 }).toBeGreaterThan(before);
  await expect(client.unary({}, { timeoutMs: 100 })).rejects.toThrow("the server allows 1 at a time");
  stop.abort();
  await stays;
});

it("attempts that one copy sees are those that the other counts, and what it moves is known to be moved", async () => {
  const [first, second] = [await copy(), await copy()];
  const metadata = new Metadata();
  const attempts = new second.CallAttempts({ attemptStarted() {}, attemptEnded() {} });
  attempts.follow(metadata);
  expect(first.CallAttempts.of(metadata.clone())).toBe(attempts);
  expect(first.CallAttempts).not.toBe(second.CallAttempts);
  expect(first.MOVED).toBe(second.MOVED);
});
