import type { LedgerServiceClient } from "../gen/ledger/v1/ledger_client.js";
import type { PaymentsServiceClient } from "../gen/payments/v1/payments_client.js";

/** How often somebody pays, in milliseconds. */
const EVERY_MS = 20;

/** A shop whose customers pay all the time. */
export class Shop {
  readonly #payments: PaymentsServiceClient;
  readonly #open = new Set<Promise<void>>();
  readonly #failed: string[] = [];
  readonly #timer: NodeJS.Timeout;
  #paid = 0;

  private constructor(payments: PaymentsServiceClient) {
    this.#payments = payments;
    this.#timer = setInterval(() => this.#startPayment(), EVERY_MS);
  }

  /** Opens accounts, one of them with money on it, and starts. @throws {LedgerError} if the ledger has none */
  static async open(ledger: LedgerServiceClient, payments: PaymentsServiceClient): Promise<Shop> {
    const account = { holderName: "Somebody", iban: "", currencyCode: "EUR" };
    await ledger.openAccount({ ...account, accountId: "customers" });
    await ledger.openAccount({ ...account, accountId: "shop" });
    await ledger.importEntries(openingBalance());
    return new Shop(payments);
  }

  /** Stops, and waits for the payments that are under way. */
  async close(): Promise<{ readonly paid: number; readonly failed: readonly string[] }> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    return { paid: this.#paid, failed: this.#failed };
  }

  #startPayment(): void {
    const payment = this.#pay();
    this.#open.add(payment);
    void payment.finally(() => this.#open.delete(payment));
  }

  async #pay(): Promise<void> {
    try {
      await this.#payments.pay({ payerAccountId: "customers", merchantAccountId: "shop", minorUnits: 1n });
      this.#paid += 1;
    } catch (error) {
      this.#failed.push(error instanceof Error ? error.message : String(error));
    }
  }
}

async function* openingBalance() {
  yield {
    reference: "opening-balance",
    accountId: "customers",
    amount: { minorUnits: 100_000_000n, currencyCode: "EUR" },
  };
}
