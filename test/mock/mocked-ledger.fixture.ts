import { startMock } from "@accord-grpc/runtime/testing";
import { onTestFinished } from "vitest";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import { LedgerContract } from "../../example/src/gen/ledger/v1/ledger_contract.js";

/** A mock of the ledger, and a client of it, until the test has finished. */
export async function mockedLedger(options: Parameters<typeof startMock>[1] = {}) {
  const mock = await startMock(LedgerContract, options);
  onTestFinished(() => mock.close());
  return { mock, ledger: new LedgerServiceClient(mock.channel) };
}
