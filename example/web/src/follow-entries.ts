import type { Transport } from "@accord-grpc/runtime/web/v1";
import { AccountNotFoundError, LedgerError } from "../../src/gen/ledger/v1/errors.js";
import type { Entry } from "../../src/gen/ledger/v1/ledger_pb.js";
import { LedgerServiceClient } from "../../src/gen/ledger/v1/ledger_web.js";

/** How the page stands to the ledger. */
export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "waiting"; readonly seconds: number };

/** Who is told of the entries. */
export interface Follower {
  entry(entry: Entry): void;
  connection(connection: Connection): void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;
/** A stream that lasts for ever may have died without a word. One that is renewed hasn't. */
const RENEWED_AFTER_MS = 5 * 60_000;

/**
 * Follows an account's entries until `signal` is aborted. A stream that ends, since the server is restarted or the network is away, is
 * taken up behind the last entry that came: none is missed, and none comes twice.
 *
 * @throws {AccountNotFoundError} there is nothing to follow
 */
export async function followEntries(
  transport: Transport,
  accountId: string,
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  const client = new LedgerServiceClient(transport);
  let afterEntryId = 0n;
  let failures = 0;
  follower.connection({ state: "connecting" });
  while (!signal.aborted) {
    const isLive = () => {
      failures = 0;
      follower.connection({ state: "live" });
    };
    try {
      const request = { accountId, afterEntryId };
      const options = { timeoutMs: RENEWED_AFTER_MS, signal, onHeaders: isLive };
      for await (const { entry } of client.followEntries(request, options)) {
        if (entry !== undefined && entry.entryId > afterEntryId) {
          afterEntryId = entry.entryId;
          follower.entry(entry);
        }
      }
    } catch (error) {
      if (!(error instanceof LedgerError) || error instanceof AccountNotFoundError) {
        throw error;
      }
    }
    if (!signal.aborted) {
      failures += 1;
      await pause(failures, follower, signal);
    }
  }
}

/** Waits longer from one failure to the next, and no two pages alike: a server that comes back isn't to be met by all at once. */
async function pause(failures: number, follower: Follower, signal: AbortSignal): Promise<void> {
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.8 + Math.random() * 0.4);
  follower.connection({ state: "waiting", seconds: Math.ceil(waitMs / 1000) });
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      globalThis.removeEventListener?.("online", done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    signal.addEventListener("abort", done);
    // The browser knows when the network is back.
    globalThis.addEventListener?.("online", done);
  });
}
