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
  const ends = new Map<number | string, number>();
  let left = CALLS;
  async function expire(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const end = await client.unary({ id: "1" }, { timeoutMs: 20 }).then(() => status.OK, endOf);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, expire));
  // Between two connections, a deadline may find calls that were never sent.
  const expired = (ends.get(status.DEADLINE_EXCEEDED) ?? 0) + (ends.get(NEVER_SENT) ?? 0);
  expect({ expired, ends: [...ends.keys()] }).toEqual({
    expired: CALLS,
    ends: expect.arrayContaining([status.DEADLINE_EXCEEDED]),
  });
  expect((await beside).id).toBe("beside");
  channel.close();
});

const NEVER_SENT = "No connection before the deadline";

function endOf(error: unknown): number | string {
  if (!(error instanceof ProbeError)) {
    return String(error);
  }
  return error.message.startsWith(NEVER_SENT) ? NEVER_SENT : error.status;
}
