// Kubernetes keeps quantities in one form, whatever was written. A manifest with another form looks changed each time that
// it is applied.

/** An amount of CPU as Kubernetes keeps it: `"0.25"` → `"250m"`, `"2.0"` → `"2"`. What is no amount stays as it is. */
export function cpuQuantity(text: string): string {
  const [, cores, millicores] = /^(?:(\d+(?:\.\d+)?)|(\d+)m)$/.exec(text) ?? [];
  if (cores === undefined && millicores === undefined) {
    return text;
  }
  const thousandths = cores === undefined ? Number(millicores) : Math.round(Number(cores) * 1_000);
  return thousandths % 1_000 === 0 ? String(thousandths / 1_000) : `${thousandths}m`;
}

const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL = ["", "k", "M", "G", "T", "P", "E"];

/** An amount of memory as Kubernetes keeps it: `"1024Mi"` → `"1Gi"`, `"1.5Gi"` → `"1536Mi"`. What is no amount stays as it is. */
export function memoryQuantity(text: string): string {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([kKMGTPE]i?)?$/.exec(text) ?? [];
  const units = BINARY.indexOf(unit) > 0 ? BINARY : DECIMAL;
  const base = units === BINARY ? 1_024 : 1_000;
  let power = units.indexOf(unit);
  if (amount === undefined || power < 0) {
    return text;
  }
  let value = Number(amount);
  // Downwards to a whole number, then up again as far as it stays one.
  for (; power > 0 && !Number.isInteger(value); power--) {
    value *= base;
  }
  value = Math.ceil(value);
  for (; power < units.length - 1 && value >= base && value % base === 0; power++) {
    value /= base;
  }
  return `${value}${units[power]}`;
}
