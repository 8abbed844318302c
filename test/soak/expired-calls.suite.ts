import { status } from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { insecureChannel, probeClient } from "../../runtime/test-support/probe-client.js";
import { ProbeError } from "../../runtime/test-support/probe-errors.js";
import type { ChildProcess } from "../e2e/child-process.js";
import { startProgram } from "../e2e/node-program.js";

// Calls whose deadlines pass are resets to HTTP/2, of which Node permits a thousand at once and 33 a second: with too many, it ends
// the connection, and on 20 leaves it open and dead. The calls themselves end as they should all the same, and so do others.

const CALLS = process.env.ACCORD_SOAK === undefined ? 1500 : 20_000;
const AT_A_TIME = 90;

let server: ChildProcess | undefined;
afterEach(() => server?.kill());

it(`${CALLS} calls that expire end as such, and those beside them are answered`, async () => {
  // A pool of one that takes half a second: whoever waits waits for longer than it wants to.
  server = await startProgram("soak/pool.ts", ["1", "500"]);
  const channel = insecureChannel(String((await server.event("ready")).address));
  const client = probeClient(channel, {}, { timeoutMs: 60_000 });
  // 20 ms are little for a first connection.
  await client.unary({ id: "first" });
  const beside = client.unary({ id: "beside" });
  const ends = new Map<number, number>();
  let left = CALLS;
  async function expire(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const end = await client.unary({ id: "1" }, { timeoutMs: 20 }).then(
        () => status.OK,
        (error: unknown) => (error instanceof ProbeError ? error.status : -1),
      );
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, expire));
  expect([...ends]).toEqual([[status.DEADLINE_EXCEEDED, CALLS]]);
  expect((await beside).id).toBe("beside");
  channel.close();
});
