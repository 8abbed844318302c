import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "../../testing/databases.js";
import { startTestLedger, type TestLedger, transferOf } from "../../testing/ledger.js";

for (const { name, missing, open } of testDatabases) {
  describe.skipIf(missing !== undefined)(`${name}${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
    let server: TestLedger;

    beforeAll(async () => {
      server = await startTestLedger(open());
    });
    afterAll(() => server?.close());

    it("loses no money when many callers meet at a few accounts", async () => {
      const { ledger, audit } = server;
      const accountIds = await Promise.all([500n, 500n, 500n].map((balance) => server.accountWith(balance)));
      const account = (index: number) => accountIds[index % 3] ?? "";
      const results = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          ledger.transfer.result(transferOf(account(index), account(index + 1 + (index % 2)), BigInt(index + 1)), {
            timeoutMs: 30_000,
          }),
        ),
      );
      const refusals = results.flatMap(({ ok, error }) => (ok ? [] : [error.code]));
      // Not covered when it was their turn, or beaten to the account every single time.
      expect(["INSUFFICIENT_FUNDS", "SERIALIZATION_CONFLICT"]).toEqual(expect.arrayContaining([...new Set(refusals)]));
      expect(refusals.length).toBeLessThan(results.length);

      const balances = await Promise.all(accountIds.map(server.balanceOf));
      expect(balances.reduce<bigint>((sum, balance) => sum + (balance ?? 0n), 0n)).toBe(1500n);
      expect(await audit.verifyBooks({})).toMatchObject({ balanced: true, wrongAccountIds: [] });
    });
  });
}
