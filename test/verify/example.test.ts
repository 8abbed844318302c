import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AuditServicer } from "../../example/src/apps/ledger-server/audit-servicer.js";
import { BalanceFeed } from "../../example/src/apps/ledger-server/books/balance-feed.js";
import type { Database } from "../../example/src/apps/ledger-server/database/database.js";
import { openDatabase } from "../../example/src/apps/ledger-server/database/open-database.js";
import { DRIVER_ERRORS } from "../../example/src/apps/ledger-server/driver-errors.js";
import { LedgerServicer } from "../../example/src/apps/ledger-server/ledger-servicer.js";
import { createLedgerV1Server } from "../../example/src/gen/ledger/v1/server.js";
import { accord, ROOT } from "../../plugin/src/cli/cli.fixture.js";
import { compileContract } from "./contract.fixture.js";

let database: Database;
beforeAll(async () => {
  database = await openDatabase({});
});
afterAll(() => database.close());

it("finds nothing in the example's ledger, whatever is called", async () => {
  const contract = compileContract("example/proto", "plugin/validate-protos");
  const feed = await BalanceFeed.open(database);
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const server = createLedgerV1Server(
    { ledger: new LedgerServicer(database, feed), audit: new AuditServicer(database) },
    { logger, errors: DRIVER_ERRORS },
  );
  const { port } = await server.start("127.0.0.1:0");
  const calls = ["OpenAccount", "Transfer", "ImportEntries", "SetAccountFrozen"].flatMap((name) => ["--call", name]);
  const services = ["LedgerService", "AuditService"].flatMap((name) => ["--service", name]);
  const examples = join(ROOT, "test/verify/ledger-examples.yaml");
  const argv = [
    "verify",
    contract.image,
    "--target",
    `127.0.0.1:${port}`,
    "--examples",
    examples,
    ...services,
    ...calls,
  ];
  const outcome = await accord(argv);
  await server.drain();
  await feed.close();
  contract.remove();
  expect(outcome).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^9 methods, \d+ calls: the contract is kept/),
  });
});
