import type { CallContext } from "@accord-grpc/runtime";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  SetAccountFrozenRequest,
  SetAccountFrozenResponseSchema,
  VerifyBooksRequest,
  VerifyBooksResponseSchema,
} from "../../gen/ledger/v1/audit_pb.js";
import type { AuditServiceServicer } from "../../gen/ledger/v1/audit_servicer.js";
import { setAccountFrozen } from "./books/account.js";
import { verifyBooks } from "./books/verify.js";
import type { Database } from "./database/database.js";

/** The ledger's other service, for those who watch over it. */
export class AuditServicer implements AuditServiceServicer {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async setAccountFrozen(
    { accountId, frozen }: SetAccountFrozenRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof SetAccountFrozenResponseSchema>> {
    await setAccountFrozen(this.#database, accountId, frozen, { timeoutMs: context.timeRemaining() });
    return {};
  }

  async verifyBooks(
    _request: VerifyBooksRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof VerifyBooksResponseSchema>> {
    const { accounts, wrongAccountIds, totals } = await verifyBooks(this.#database, {
      timeoutMs: context.timeRemaining(),
    });
    return {
      balanced: wrongAccountIds.length === 0 && totals.every(({ minorUnits }) => minorUnits === 0n),
      accounts: BigInt(accounts),
      wrongAccountIds: [...wrongAccountIds],
      totals: totals.map(({ minorUnits, currencyCode }) => ({ minorUnits, currencyCode })),
    };
  }
}
