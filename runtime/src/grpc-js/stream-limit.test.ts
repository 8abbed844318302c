import { afterEach, expect, it } from "vitest";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { startTestServer } from "../testing/test-server.js";

const close: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of close.splice(0).reverse()) {
    await each();
  }
});

const PATIENT = { timeout: 30_000 };

it.each([2, 100])("a call that waits for a place among %d is told so at its deadline", async (maxConcurrentStreams) => {
  let running = 0;
  const { address } = await startTestServer(
    [
      bindProbe({
        unary: ({ id }) => {
          running += id === "stays" ? 1 : 0;
          return new Promise(() => {});
        },
      }),
    ],
    { maxConcurrentStreams, drainMs: 0 },
  ).then((started) => {
    close.push(() => started.close());
    return started;
  });
  const channel = insecureChannel(address, {}, { extraOptions: { "grpc.use_local_subchannel_pool": 1 } });
  close.push(() => channel.close());
  const client = probeClient(channel);
  const stop = new AbortController();
  close.push(() => stop.abort());
  const first = client.unary({ id: "stays" }, { timeoutMs: 60_000, signal: stop.signal });
  await expect.poll(() => running, PATIENT).toBe(1);
  const others = Array.from({ length: maxConcurrentStreams - 1 }, () =>
    client.unary({ id: "stays" }, { timeoutMs: 60_000, signal: stop.signal }),
  );
  const ends = Promise.allSettled([first, ...others]);
  await expect.poll(() => running, PATIENT).toBe(maxConcurrentStreams);
  await expect(client.unary({}, { timeoutMs: 100 })).rejects.toThrow(
    new RegExp(
      `^Deadline exceeded after .*; its connection has \\d+ calls, and the server allows ${maxConcurrentStreams} at a time`,
    ),
  );
  expect(running).toBe(maxConcurrentStreams);
  stop.abort();
  await ends;
});
