import type { MessageInitShape } from "@bufbuild/protobuf";
import { AccountNotFoundError } from "../../gen/ledger/v1/errors.js";
import type { LedgerServiceClient } from "../../gen/ledger/v1/ledger_client.js";
import { UnknownPartyError } from "../../gen/payments/v1/errors.js";
import type {
  ListReceiptsRequest,
  ListReceiptsResponseSchema,
  PayRequest,
  PayResponseSchema,
} from "../../gen/payments/v1/payments_pb.js";
import type { PaymentsServiceServicer } from "../../gen/payments/v1/payments_servicer.js";
import { paymentErrorOf } from "./ledger-errors.js";

/**
 * Payments, made of calls to the ledger.
 *
 * Neither method passes a deadline or a signal on, and both are passed on: a call that is made inside a handler has at
 * most what remains of the incoming one, and is cancelled with it.
 */
export class PaymentsServicer implements PaymentsServiceServicer {
  readonly #ledger: LedgerServiceClient;

  constructor(ledger: LedgerServiceClient) {
    this.#ledger = ledger;
  }

  async pay(request: PayRequest): Promise<MessageInitShape<typeof PayResponseSchema>> {
    const { paymentId, payerAccountId, merchantAccountId, minorUnits, purpose } = request;
    const amount = { minorUnits, currencyCode: await this.#currencyOf(merchantAccountId) };
    const transfer = await this.#ledger.transfer.result({
      // The payment's id, not a new one: however often this payment is sent, the ledger books it once.
      requestId: paymentId,
      transfer: {
        sourceAccountId: payerAccountId,
        destinationAccountId: merchantAccountId,
        amount,
        memo: purpose,
      },
    });
    if (!transfer.ok) {
      throw paymentErrorOf(transfer.error);
    }
    return { paymentId, amount, alreadyPaid: transfer.value.replayed };
  }

  async *listReceipts(
    request: ListReceiptsRequest,
  ): AsyncGenerator<MessageInitShape<typeof ListReceiptsResponseSchema>> {
    try {
      // Pulled as fast as our own caller reads. When it leaves, the loop does, and the ledger's stream with it.
      for await (const { entry } of this.#ledger.listEntries({ accountId: request.merchantAccountId })) {
        if (entry?.amount !== undefined && entry.amount.minorUnits > 0n) {
          const { counterpartyAccountId, amount, bookTime } = entry;
          yield { payerAccountId: counterpartyAccountId, amount, ...(bookTime && { payTime: bookTime }) };
        }
      }
    } catch (error) {
      throw error instanceof AccountNotFoundError
        ? new UnknownPartyError({ account: error.metadata.account }, { cause: error })
        : error;
    }
  }

  async #currencyOf(accountId: string): Promise<string> {
    const found = await this.#ledger.getAccount.result({ accountId });
    if (found.ok) {
      return found.value.account?.balance?.currencyCode ?? "";
    }
    throw paymentErrorOf(found.error);
  }
}
