import { MemoryLogger } from "@accord-grpc/runtime/testing";
import { afterEach, expect, it, vi } from "vitest";
import { failureOf, ledgerClient, ledgerServer } from "./grpc-js-facts/ledger.js";
import { Opened } from "./grpc-js-facts/plain-grpc.js";

const opened = new Opened();
afterEach(() => opened.close());

it("a service in the middle of a chain whose time is up says so, whichever of its timers is the first", async () => {
  const last = await ledgerServer(opened, {
    getAccount: async ({ accountId }) => (accountId === "at once" ? {} : new Promise(() => {})),
  });
  const next = ledgerClient(opened, last.address);
  const logger = new MemoryLogger("info");
  const middle = await ledgerServer(
    opened,
    {
      getAccount: (request, context) =>
        // The same deadline as its own, or one that is just before it.
        next.getAccount(request, {
          timeoutMs: request.accountId === "just before" ? context.timeRemaining() - 2 : 60_000,
        }),
    },
    { logger },
  );
  const client = ledgerClient(opened, middle.address);
  // With connections that are there, a call gets through before its time is up.
  await client.getAccount({ accountId: "at once" }, { timeoutMs: 60_000 });
  logger.lines.length = 0;
  const calls = Array.from({ length: 30 }, (_, index) =>
    client.getAccount({ accountId: index % 2 === 0 ? "same" : "just before" }, { timeoutMs: 200 + 5 * index }),
  );
  for (const error of await Promise.all(calls.map(failureOf))) {
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  }
  const lines = (what: string) => logger.lines.filter(({ message }) => message === `getAccount.${what}`);
  await vi.waitFor(() => expect(lines("response")).toHaveLength(lines("request").length));
  expect(lines("response").length).toBeGreaterThan(0);
  // Never INTERNAL, as for an error of another service's that this one doesn't know what to make of.
  for (const { level, fields } of lines("response")) {
    expect(fields.status).toMatch(/^(DEADLINE_EXCEEDED|CANCELLED)$/);
    expect(level).toBe("warn");
  }
});
