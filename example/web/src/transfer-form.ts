import { LedgerError } from "../../src/gen/ledger/v1/errors.js";
import type { Account } from "../../src/gen/ledger/v1/ledger_pb.js";
import type { LedgerServiceClient } from "../../src/gen/ledger/v1/ledger_web.js";
import { byId, element } from "./element.js";
import { type Amount, shownMoney, typedAmount } from "./money.js";
import { type FormField, failureOf, type Refusal, refusalOf } from "./refusals.js";

/** The form that makes a transfer, and says what became of it. */
export class TransferForm {
  readonly #client: LedgerServiceClient;
  readonly #source: () => Account | undefined;
  readonly #booked: () => void;
  readonly #form = byId("transfer", HTMLFormElement);
  readonly #outcome = byId("outcome", HTMLDivElement);
  readonly #button: HTMLButtonElement;
  /** Stays the same while a transfer is sent again whose fate isn't known: the ledger books it once. */
  #requestId = newRequestId();
  #isSending = false;

  /**
   * @param source the account that gives
   * @param booked called after a transfer, and when one was refused because of what the page showed
   */
  constructor(client: LedgerServiceClient, source: () => Account | undefined, booked: () => void) {
    this.#client = client;
    this.#source = source;
    this.#booked = booked;
    const button = this.#form.querySelector<HTMLButtonElement>("button[type=submit]");
    if (button === null) {
      throw new Error("The form has no button");
    }
    this.#button = button;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#form.addEventListener("input", () => {
      // Another transfer than the one that was sent.
      this.#requestId = newRequestId();
      this.#clear();
    });
  }

  /** Shows whose money it is. */
  sourceChanged(): void {
    const source = this.#source();
    byId("transfer-source", HTMLOutputElement).value =
      source === undefined ? "—" : `${source.accountId} (${shownMoney(source.balance)})`;
    byId("currency", HTMLSpanElement).textContent =
      source?.balance === undefined ? "" : `in ${source.balance.currencyCode}`;
  }

  async #submit(): Promise<void> {
    const source = this.#source();
    if (this.#isSending || source === undefined) {
      return;
    }
    this.#clear();
    const destinationAccountId = this.#field("destination").value.trim();
    const amount = typedAmount(this.#field("amount").value, source.balance?.currencyCode ?? "");
    if (destinationAccountId === "") {
      this.#refuse({ text: "Who is to get it?", field: "destination" });
    } else if (amount === undefined) {
      this.#refuse({ text: "Write an amount like 12.50.", field: "amount" });
    } else {
      this.#sending(true);
      try {
        await this.#send(source, destinationAccountId, amount);
      } finally {
        this.#sending(false);
      }
    }
  }

  async #send(source: Account, destinationAccountId: string, amount: Amount): Promise<void> {
    const { accountId: sourceAccountId, version: anchor } = source;
    const memo = byId("memo", HTMLInputElement).value;
    const transfer = { sourceAccountId, destinationAccountId, amount, memo };
    try {
      // Deadline and retries are the contract's.
      const result = await this.#client.transfer.result({ requestId: this.#requestId, transfer, anchor });
      if (result.ok) {
        this.#requestId = newRequestId();
        this.#form.reset();
        this.#say("good", `${shownMoney(amount)} sent to ${destinationAccountId}.`);
      } else {
        this.#refuse(refusalOf(result.error, sourceAccountId));
      }
    } catch (error) {
      if (!(error instanceof LedgerError)) {
        throw error;
      }
      this.#refuse(failureOf(error));
    }
    this.#booked();
  }

  #refuse({ text, field, canRepeat = false }: Refusal): void {
    if (field !== undefined) {
      const input = this.#field(field);
      input.setAttribute("aria-invalid", "true");
      byId(`${field}-problem`, HTMLSpanElement).textContent = text;
      input.focus();
      return;
    }
    this.#say("bad", text);
    if (canRepeat) {
      const again = element("button", { type: "submit" }, "Send again");
      this.#outcome.append(again);
      again.focus();
    }
  }

  #say(kind: "good" | "bad", text: string): void {
    this.#outcome.dataset.kind = kind;
    this.#outcome.replaceChildren(element("p", {}, text));
    this.#outcome.hidden = false;
  }

  #clear(): void {
    this.#outcome.hidden = true;
    this.#outcome.replaceChildren();
    for (const field of ["destination", "amount"] as const) {
      this.#field(field).removeAttribute("aria-invalid");
      byId(`${field}-problem`, HTMLSpanElement).textContent = "";
    }
  }

  // A button that is disabled loses the keyboard's focus.
  #sending(isSending: boolean): void {
    this.#isSending = isSending;
    this.#button.setAttribute("aria-disabled", String(isSending));
    this.#button.textContent = isSending ? "Sending…" : "Transfer";
  }

  #field(name: FormField): HTMLInputElement {
    return byId(name, HTMLInputElement);
  }
}

function newRequestId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
