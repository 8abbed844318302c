import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Entry } from "../../src/gen/ledger/v1/ledger_pb.js";
import { byId, element } from "./element.js";
import { shownMoney } from "./money.js";

/** More than anybody looks through, and little enough for any phone. */
const MOST_ENTRIES = 100;

/** The entries of the chosen account, the newest first. */
export class EntryList {
  readonly #body = byId("entries", HTMLTableSectionElement);
  readonly #empty = byId("no-entries", HTMLParagraphElement);
  readonly #caption = byId("entries-caption", HTMLTableCaptionElement);

  /** Begins anew, with another account. */
  begin(accountId: string): void {
    this.#body.replaceChildren();
    this.#empty.hidden = false;
    this.#caption.textContent = `Of ${accountId}, as they are booked, the newest first`;
  }

  add({ entryId, counterpartyAccountId, memo, amount, balance, bookTime }: Entry): void {
    const isTaken = (amount?.minorUnits ?? 0n) < 0n;
    const booked = bookTime === undefined ? undefined : timestampDate(bookTime);
    const time =
      booked === undefined
        ? "—"
        : element(
            "time",
            { datetime: booked.toISOString() },
            booked.toLocaleString("en", { dateStyle: "medium", timeStyle: "short" }),
          );
    this.#body.prepend(
      element(
        "tr",
        { class: "new", "data-entry": String(entryId) },
        element("td", {}, time),
        element("td", {}, counterpartyAccountId),
        element("td", {}, memo),
        element("td", { class: isTaken ? "number taken" : "number" }, shownMoney(amount)),
        element("td", { class: "number" }, shownMoney(balance)),
      ),
    );
    this.#empty.hidden = true;
    while (this.#body.rows.length > MOST_ENTRIES) {
      this.#body.deleteRow(-1);
    }
  }
}
