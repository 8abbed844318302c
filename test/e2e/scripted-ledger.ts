import type { GrpcServer, Logger, ServerOptions } from "@accord-grpc/runtime";
import type { LedgerServiceServicer } from "../../example/src/gen/ledger/v1/ledger_servicer.js";
import { createLedgerV1Server } from "../../example/src/gen/ledger/v1/server.js";

// The example's contract without its database: generated servers and servicers, whose methods do what a test says.

const missing = (): never => {
  throw new Error("the test gave no such method");
};

const nothing = (): void => {};
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, isLevelEnabled: () => false };

const amount = { minorUnits: 1n, currencyCode: "EUR" };

/** A line of a statement that breaks no rule of its proto. */
export function statementLine(reference: string) {
  return { reference, accountId: "somebody", amount };
}

/** A transfer that breaks no rule of its proto. */
export const TRANSFER = { sourceAccountId: "somebody", destinationAccountId: "somebody-else", amount };

/** A servicer of the methods that it is given. All others fail. */
export function scriptedLedger(methods: Partial<LedgerServiceServicer>): LedgerServiceServicer {
  return {
    openAccount: missing,
    getAccount: missing,
    transfer: missing,
    listEntries: missing,
    followEntries: missing,
    importEntries: missing,
    watch: missing,
    ...methods,
  };
}

/** A generated server on a free port, which logs nothing unless it is told to, and heeds no signals. */
export async function startScriptedLedger(
  methods: Partial<LedgerServiceServicer>,
  options: ServerOptions = {},
  listenOn = "127.0.0.1:0",
): Promise<{ readonly server: GrpcServer; readonly address: string }> {
  const server = createLedgerV1Server(
    { ledger: scriptedLedger(methods), audit: { setAccountFrozen: missing, verifyBooks: missing } },
    { logger: silent, handleSignals: false, drainMs: 1000, ...options },
  );
  const { address } = await server.start(listenOn);
  return { server, address };
}
