// What is encoded and decoded, as init shapes that all subjects understand.

/** A request of 145 bytes. */
export const small = {
  requestId: "0b0e7c5e-9f5a-4b0f-8f1a-3f1a2b3c4d5e",
  source: "accounts/000123",
  destination: "accounts/000456",
  amount: { currencyCode: "EUR", units: 123_456n, nanos: 500_000_000 },
  kind: 1,
  urgent: true,
  rate: 1.0725,
  createdAt: { seconds: 1_735_689_600n, nanos: 123_000_000 },
  labels: ["rent", "january"],
  note: "Thank you!!",
  anchor: { case: "version", value: 42n },
};

/** A page of 500 entries, 64 KiB. */
export const large = page((i) => `Payment number ${i} for January, invoice no ${i * 31}`);

/** The same with text that isn't English. */
export const text = page(
  (i) => `${["Überweisung für größere Wünsche", "請求書の支払い", "Оплата по счёту"][i % 3]} ${i}`,
);

/** 1,000 values of three types, packed, and a map. */
export const numbers = {
  name: "temperature",
  values: Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 100),
  offsets: Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 20_011) - 10_000),
  checksums: Array.from({ length: 1000 }, (_, i) => BigInt(i) * 0x1234_5678_9abcn),
  totals: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`sensor-${i}`, BigInt(i * 1000 - 25_500)])),
  payload: new Uint8Array(1024).fill(7),
};

function page(memo) {
  return {
    cursor: "eyJvZmZzZXQiOjUwMH0=",
    total: 12_345,
    entries: Array.from({ length: 500 }, (_, i) => ({
      id: `entry-${String(i).padStart(8, "0")}`,
      account: `accounts/${String((i * 7919) % 1_000_000).padStart(6, "0")}`,
      amount: {
        currencyCode: ["EUR", "USD", "JPY"][i % 3],
        units: BigInt(i * 1237 - 200_000),
        nanos: (i % 100) * 10_000_000,
      },
      kind: i % 3,
      bookedAt: { seconds: 1_735_689_600n + BigInt(i * 61), nanos: i * 1000 },
      memo: memo(i),
      codes: [i % 128, i * 5, 100_000 + i],
      settled: i % 2 === 0,
      sequence: BigInt(i) * 1_000_003n,
    })),
  };
}

/** name → the message's type and its init shape */
export const WORKLOADS = {
  small: { type: "Transfer", init: asRead(small) },
  large: { type: "Page", init: asRead(large) },
  text: { type: "Page", init: asRead(text) },
  numbers: { type: "Series", init: asRead(numbers) },
};

/** A copy with strings as they come from a database or the network: a literal with values in it is another kind to V8. */
function asRead(value) {
  if (typeof value === "string") {
    return Buffer.from(value).toString();
  }
  if (typeof value !== "object" || value instanceof Uint8Array) {
    return value;
  }
  return Array.isArray(value)
    ? value.map(asRead)
    : Object.fromEntries(Object.entries(value).map(([key, field]) => [key, asRead(field)]));
}
