import { PaymentDeclinedError } from "../../gen/payments/v1/errors.js";
import type { Cast } from "../cast.js";
import { money } from "../money.js";

/** A payment: a call to one service that makes two calls to the other. */
export async function payment({ stage, payments }: Cast): Promise<void> {
  await stage.chapter(
    "A payment, through two services",
    "The payments' server calls the ledger with the same kind of client. It passes on neither a deadline nor a signal; " +
      "inside a handler both travel by themselves. See `time_left_ms`: the ledger knows what remains of the caller's 1,500 ms.",
    async (caller) => {
      caller.calls('payments.pay(alice → flower-shop, 12.50, "order-1001"), timeoutMs: 1500');
      const paid = await payments.pay(
        {
          paymentId: "order-1001",
          payerAccountId: "alice",
          merchantAccountId: "flower-shop",
          minorUnits: 1250n,
          purpose: "Tulips",
        },
        { timeoutMs: 1_500 },
      );
      caller.gets(`paid ${money(paid.amount)}, already paid: ${paid.alreadyPaid}`);
    },
    { debug: true },
  );
}

/** The ledger's refusal, in the payments' words. */
export async function declinedPayment({ stage, audit, payments }: Cast): Promise<void> {
  await stage.chapter(
    "A declined payment: translation at the boundary",
    "The ledger says ACCOUNT_FROZEN, and the payments say PAYMENT_DECLINED: an exhaustive switch in ledger-errors.ts. The " +
      "ledger's own error is the cause, which is logged and never sent.",
    async (caller) => {
      caller.calls("audit.setAccountFrozen(alice, true)");
      await audit.setAccountFrozen({ accountId: "alice", frozen: true, officer: "compliance@ledger.example.com" });
      caller.calls('payments.pay(alice → flower-shop, 20.00, "order-1002")');
      try {
        await payments.pay({
          paymentId: "order-1002",
          payerAccountId: "alice",
          merchantAccountId: "flower-shop",
          minorUnits: 2000n,
        });
      } catch (error) {
        if (!(error instanceof PaymentDeclinedError)) {
          throw error;
        }
        caller.refused(`${error.name}: ${error.message}`);
      }
      caller.calls("audit.setAccountFrozen(alice, false)");
      await audit.setAccountFrozen({ accountId: "alice", frozen: false, officer: "compliance@ledger.example.com" });
    },
  );
}
