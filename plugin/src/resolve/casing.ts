/** The words of an identifier in any casing: `HTTPServer_v1beta1` → `HTTP`, `Server`, `v1beta1`. */
export function wordsOf(identifier: string): string[] {
  return identifier
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
}

/** `insufficient_funds` and `INSUFFICIENT_FUNDS` → `InsufficientFunds`; inner capitals of `IAMPolicy` stay. */
export function pascalCase(identifier: string): string {
  const lower = identifier === identifier.toUpperCase();
  return wordsOf(identifier)
    .map((word) => word.charAt(0).toUpperCase() + (lower ? word.slice(1).toLowerCase() : word.slice(1)))
    .join("");
}

/** `LedgerAdmin` → `ledgerAdmin`, `IAMPolicy` → `iamPolicy`. */
export function camelCase(identifier: string): string {
  const [first = "", ...rest] = wordsOf(identifier);
  return first.toLowerCase() + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** `LedgerErrorCode` → `LEDGER_ERROR_CODE`. */
export function upperSnakeCase(identifier: string): string {
  return wordsOf(identifier).join("_").toUpperCase();
}
