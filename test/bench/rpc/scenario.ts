import type { BenchClient } from "./subject.js";

/** What a call is. */
export type CallKind = "empty" | "small" | "large" | "stream" | "error";

/** What is done over and over. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly kind: CallKind;
  /** How many calls are under way at any time. */
  readonly concurrency: number;
  /** Calls before the first round: grpc-js needs about 15,000 until it is steady. */
  readonly warmUpCalls: number;
  /** What is counted in one call: itself, or the messages of its stream. */
  readonly unitsPerCall: number;
}

/** How many messages a stream has. */
export const STREAM_MESSAGES = 1000;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "empty",
    title: "empty unary, concurrency 50",
    kind: "empty",
    concurrency: 50,
    warmUpCalls: 15_000,
    unitsPerCall: 1,
  },
  ...[1, 16, 64].map((concurrency) => ({
    name: `small-${concurrency}`,
    title: `small unary, concurrency ${concurrency}`,
    kind: "small" as const,
    concurrency,
    warmUpCalls: 15_000,
    unitsPerCall: 1,
  })),
  ...[1, 16, 64].map((concurrency) => ({
    name: `large-${concurrency}`,
    title: `64 KiB unary, concurrency ${concurrency}`,
    kind: "large" as const,
    concurrency,
    warmUpCalls: 1_500,
    unitsPerCall: 1,
  })),
  {
    name: "stream",
    title: `stream of ${STREAM_MESSAGES} messages`,
    kind: "stream",
    concurrency: 4,
    warmUpCalls: 100,
    unitsPerCall: STREAM_MESSAGES,
  },
  {
    name: "error",
    title: "declared error, concurrency 64",
    kind: "error",
    concurrency: 64,
    warmUpCalls: 10_000,
    unitsPerCall: 1,
  },
];

/** Makes a scenario's call, to its end. */
export async function makeCall({ kind }: Scenario, client: BenchClient): Promise<void> {
  switch (kind) {
    case "stream": {
      const count = await client.stream(STREAM_MESSAGES);
      if (count !== STREAM_MESSAGES) {
        throw new Error(`${count} messages of a stream of ${STREAM_MESSAGES} came`);
      }
      return;
    }
    case "error":
      return client.failing();
    default:
      return client[kind]();
  }
}
