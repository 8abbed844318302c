// What the subjects send: the same for all of them, in whatever shape their messages have.

/** The deadline of each call, in milliseconds. */
export const TIMEOUT_MS = 10_000;

/** An amount that no balance covers: the handler throws. */
export const TOO_MUCH = 1_000_000_000;

export const BALANCE = "2500";

/** What is in a small request: about 145 bytes, encoded. */
export const TRANSFER = {
  requestId: "7f1d3c52-8a40-4e0b-9c1e-2d9f6a7b3c11",
  fromAccount: "NL91ABNA0417164300",
  toAccount: "DE89370400440532013000",
  amount: 125_050,
  currency: "EUR",
  valueTimeMs: 1_767_225_600_000,
  tags: ["rent", "january", "recurring"],
};

export const TRANSFER_ID = "c0ffee00-51b1-4c2a-8d6e-0123456789ab";

/** What is in a large message: 64 KiB, encoded. */
export const ENTRIES = Array.from({ length: 500 }, (_, index) => ({
  entryId: `entry-${String(index).padStart(8, "0")}-of-batch`,
  account: `NL91ABNA${String(400_000_000 + index * 7919)}`,
  amount: index * 1237 + 1,
  line: index,
  rate: 1 + index / 1000,
  reversed: index % 5 === 0,
  text: `Invoice ${2_026_000 + index}, goods delivered, thank you`,
  valueTimeMs: TRANSFER.valueTimeMs + index * 1000,
}));

export const BATCH_ID = "batch-2026-01-01";

/** @throws {Error} if a subject answered something else: then it measured something else. */
export function expectAnswer(holds: boolean): void {
  if (!holds) {
    throw new Error("A subject's answer isn't what was expected");
  }
}
