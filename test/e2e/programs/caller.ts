import type { Channel } from "@accord-grpc/runtime";
import { credentials } from "@grpc/grpc-js";
import { buildLedgerV1Channel } from "../../../example/src/gen/ledger/v1/channel.js";
import type { LedgerError } from "../../../example/src/gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../../../example/src/gen/ledger/v1/ledger_client.js";
import { serveCommands, tell } from "./commands.js";

// A generated client in a process of its own, to be frozen or killed.

let channel: Channel;
let client: LedgerServiceClient;

serveCommands({
  connect: ({ target }: { target: string }) => {
    channel = buildLedgerV1Channel(target, { credentials: credentials.createInsecure() });
    client = new LedgerServiceClient(channel);
  },
  /** Watches an account until the stream ends, and tells of each response and of the end. */
  watch: ({ account }: { account: string }) => {
    void watch(account);
  },
});

async function watch(account: string): Promise<void> {
  // The request side stays open: a caller that may yet ask for more.
  async function* requests() {
    yield { change: { case: "subscribe" as const, value: { accountIds: [account] } } };
    await new Promise(() => {});
  }
  try {
    for await (const { accountId } of client.watch(requests(), { timeoutMs: Number.POSITIVE_INFINITY })) {
      tell("response", { accountId });
    }
    tell("ended", { status: "OK" });
  } catch (error) {
    tell("ended", { code: (error as LedgerError).code });
  }
}

// Nothing of the above keeps the process alive while it isn't connected.
setInterval(() => {}, 60_000);
