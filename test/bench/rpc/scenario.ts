import type { BenchClient } from "./subject.js";

/** What is done over and over. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** How many calls are under way at any time. */
  readonly concurrency: number;
  /** Calls before the first round: grpc-js needs about 15,000 until it is steady. */
  readonly warmUpCalls: number;
  /** What is counted in one call: itself, or the messages of its stream. */
  readonly unitsPerCall: number;
  call(client: BenchClient): Promise<unknown>;
}

const STREAM_MESSAGES = 1000;

const small = (client: BenchClient) => client.small();
const large = (client: BenchClient) => client.large();
const failing = (client: BenchClient) => client.failing();

async function stream(client: BenchClient): Promise<void> {
  const count = await client.stream(STREAM_MESSAGES);
  if (count !== STREAM_MESSAGES) {
    throw new Error(`${count} messages of a stream of ${STREAM_MESSAGES} came`);
  }
}

export const SCENARIOS: readonly Scenario[] = [
  ...[1, 16, 64].map((concurrency) => ({
    name: `small-${concurrency}`,
    title: `small unary, concurrency ${concurrency}`,
    concurrency,
    warmUpCalls: 15_000,
    unitsPerCall: 1,
    call: small,
  })),
  ...[1, 16, 64].map((concurrency) => ({
    name: `large-${concurrency}`,
    title: `64 KiB unary, concurrency ${concurrency}`,
    concurrency,
    warmUpCalls: 1_500,
    unitsPerCall: 1,
    call: large,
  })),
  {
    name: "stream",
    title: `stream of ${STREAM_MESSAGES} messages`,
    concurrency: 4,
    warmUpCalls: 100,
    unitsPerCall: STREAM_MESSAGES,
    call: stream,
  },
  {
    name: "error",
    title: "declared error, concurrency 64",
    concurrency: 64,
    warmUpCalls: 10_000,
    unitsPerCall: 1,
    call: failing,
  },
];
