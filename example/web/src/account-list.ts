import type { Account } from "../../src/gen/ledger/v1/ledger_pb.js";
import { byId, element } from "./element.js";
import { shownMoney } from "./money.js";

/** The accounts that the page shows, of which one is chosen. Native radio buttons: the keyboard works as everywhere. */
export class AccountList {
  readonly #list = byId("accounts", HTMLFieldSetElement);
  readonly #accounts = new Map<string, { readonly label: HTMLLabelElement; account: Account }>();

  /** @param onChosen called when another account is chosen */
  constructor(onChosen: (account: Account) => void) {
    this.#list.addEventListener("change", () => {
      const { chosen } = this;
      if (chosen !== undefined) {
        onChosen(chosen);
      }
    });
  }

  get ids(): readonly string[] {
    return [...this.#accounts.keys()];
  }

  get chosen(): Account | undefined {
    const id = this.#list.querySelector<HTMLInputElement>("input:checked")?.value;
    return id === undefined ? undefined : this.#accounts.get(id)?.account;
  }

  /** Shows an account, or what has become of it. */
  show(account: Account): void {
    const { accountId } = account;
    const shown = this.#accounts.get(accountId);
    if (shown === undefined) {
      const radio = element("input", { type: "radio", name: "account", value: accountId });
      const label = element(
        "label",
        { class: "account" },
        radio,
        element("span", {}),
        element("span", { class: "balance" }),
      );
      label.append(element("small", {}));
      this.#accounts.set(accountId, { label, account });
      this.#list.append(label);
    } else {
      shown.account = account;
    }
    const [name, balance] = this.#accounts.get(accountId)?.label.querySelectorAll("span") ?? [];
    name?.replaceChildren(accountId);
    balance?.replaceChildren(shownMoney(account.balance));
    const state = this.#accounts.get(accountId)?.label.querySelector("small");
    state?.replaceChildren(account.frozen ? `${account.holderName} · frozen` : account.holderName);
  }

  /** Chooses an account, as if the person had. */
  choose(accountId: string): void {
    const radio = this.#list.querySelector<HTMLInputElement>(`input[value="${CSS.escape(accountId)}"]`);
    if (radio !== null && !radio.checked) {
      radio.checked = true;
      radio.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}
