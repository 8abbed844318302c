import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { intervalText, medianWithin } from "./interval.js";
import type { Listening, Used } from "./subjects.js";

/** What a subject is called by. */
export interface Caller {
  call(): Promise<unknown>;
  close(): void;
}

/** What is compared: the first subject with each other one. */
export interface Comparison {
  /** The program in whose process the subjects listen: see `tellParent`. */
  readonly server: URL;
  readonly subjects: readonly string[];
  /** Opens a connection to a subject. */
  readonly open: (address: string) => Caller;
}

/** What came of it. */
export interface Compared {
  /** Microseconds of the server's processor time for a call of the first subject: the median. */
  readonly microseconds: number;
  /** A line for people. */
  readonly text: string;
}

// A process has its own luck (where its memory lies, what was compiled when), so several are asked.
const PROCESSES = Number(process.env.PROCESSES ?? 4);
const ROUNDS = Number(process.env.ROUNDS ?? 50);
const CALLS = 300;
const AT_A_TIME = 10;
const WARM_UP_ROUNDS = 8;

/**
 * Compares what calls cost the server: each round makes the same calls to all subjects, in turns, and counts the processor time of the
 * server's process. What disturbs the machine for longer than a round disturbs both sides of a ratio.
 */
export async function compare(comparison: Comparison): Promise<Compared> {
  const costs: number[][] = comparison.subjects.map(() => []);
  const medians: string[] = [];
  for (let count = 0; count < PROCESSES; count += 1) {
    const own = await costsInOneProcess(comparison);
    own.forEach((values, index) => void costs[index]?.push(...values));
    medians.push(
      own
        .slice(1)
        .map((values) => medianWithin(ratios(values, own[0])).median.toFixed(3))
        .join("/"),
    );
  }
  const [first, ...others] = costs;
  const microseconds = medianWithin(first ?? []).median;
  const lines = others.map((values, index) => {
    const text = intervalText(medianWithin(ratios(values, first)));
    return `${comparison.subjects[index + 1]}: ${text} times the processor time of ${comparison.subjects[0]}`;
  });
  return {
    microseconds,
    text:
      `${lines.join("\n")}\n` +
      `  medians of ${PROCESSES} processes with ${ROUNDS} rounds of ${CALLS} calls each, and their 95 % intervals; by process ${medians.join(", ")}\n` +
      `  ${microseconds.toFixed(0)} µs of the server a call; Node ${process.versions.node}, load ${(loadavg()[0] ?? 0).toFixed(1)}`,
  };
}

function ratios(values: readonly number[], base: readonly number[] = []): number[] {
  return values.map((value, round) => value / (base[round] ?? Number.NaN));
}

/** Microseconds for a call, by subject and round. */
async function costsInOneProcess({ server, subjects, open }: Comparison): Promise<number[][]> {
  const child = fork(server, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [{ addresses }] = (await once(child, "message")) as [Listening];
  const callers = subjects.map((name) => open(addresses[name] ?? ""));
  const costs: number[][] = subjects.map(() => []);
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (const index of turnsOf(round + WARM_UP_ROUNDS, subjects.length)) {
      const cost = await costOf(child, callers[index]);
      if (round >= 0) {
        costs[index]?.push(cost);
      }
    }
  }
  for (const caller of callers) {
    caller.close();
  }
  child.disconnect();
  await once(child, "exit");
  return costs;
}

/** Whoever comes first pays for what was left behind, and whoever is second for the first: each is each as often. */
function turnsOf(round: number, count: number): number[] {
  const turns = Array.from({ length: count }, (_, index) => (index + round) % count);
  return Math.floor(round / count) % 2 === 0 ? turns : turns.reverse();
}

async function costOf(child: ChildProcess, caller: Caller | undefined): Promise<number> {
  const before = await used(child);
  for (let call = 0; call < CALLS; call += AT_A_TIME) {
    await Promise.all(Array.from({ length: AT_A_TIME }, () => caller?.call()));
  }
  return ((await used(child)) - before) / CALLS;
}

async function used(child: ChildProcess): Promise<number> {
  const answered = once(child, "message");
  child.send("used");
  const [{ cpu }] = (await answered) as [Used];
  return cpu;
}
