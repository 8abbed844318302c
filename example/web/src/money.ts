/** An amount of the ledger: whole minor units of a currency. */
export interface Amount {
  readonly minorUnits: bigint;
  readonly currencyCode: string;
}

/** How many of a currency's digits stand behind the point: two for EUR, none for JPY. */
function fractionDigits(currencyCode: string): number {
  try {
    const options = { style: "currency", currency: currencyCode } as const;
    return new Intl.NumberFormat("en", options).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    // A code that is no currency's is the ledger's to refuse.
    return 2;
  }
}

/** An amount as people read it: `€12.50`. No number is made of it, so none is rounded. */
export function shownMoney(amount: Amount | undefined, locale = "en"): string {
  if (amount === undefined) {
    return "—";
  }
  const { minorUnits, currencyCode } = amount;
  const digits = fractionDigits(currencyCode);
  const text = String(minorUnits < 0n ? -minorUnits : minorUnits).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  const plain = `${minorUnits < 0n ? "-" : ""}${whole}${digits === 0 ? "" : `.${text.slice(-digits)}`}`;
  try {
    return new Intl.NumberFormat(locale, { style: "currency", currency: currencyCode }).format(
      plain as Intl.StringNumericLiteral,
    );
  } catch {
    return `${plain} ${currencyCode}`;
  }
}

/** Reads what a person typed: `12.50`, `12,5`, `12`. `undefined`: it is no amount of this currency. */
export function typedAmount(text: string, currencyCode: string): Amount | undefined {
  const digits = fractionDigits(currencyCode);
  const [, whole, fraction = ""] = /^(\d{1,15})(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  if (whole === undefined || fraction.length > digits) {
    return undefined;
  }
  return { minorUnits: BigInt(`${whole}${fraction.padEnd(digits, "0")}`), currencyCode };
}
