/** An amount as people write it: `25.00 EUR`. */
export function money(amount: { minorUnits: bigint; currencyCode: string } | undefined): string {
  if (amount === undefined) {
    return "nothing";
  }
  const { minorUnits, currencyCode } = amount;
  const sign = minorUnits < 0n ? "-" : "";
  const digits = String(minorUnits < 0n ? -minorUnits : minorUnits).padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)} ${currencyCode}`;
}

/** Euros in minor units. */
export function euros(amount: number): { minorUnits: bigint; currencyCode: string } {
  return { minorUnits: BigInt(Math.round(amount * 100)), currencyCode: "EUR" };
}
