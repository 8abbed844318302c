import { cpus, loadavg } from "node:os";
import type { Round } from "./contestant.js";
import { ratios, type Spread, spread } from "./ratio.js";
import type { Scenario } from "./scenario.js";
import { SUBJECTS, type SubjectName } from "./subject.js";

/** The subject that all ratios are to. */
export const BASE: SubjectName = "grpc-js";

/** What a subject did in a scenario. Ratios are of the same round; above 1 is more than the base. */
export interface SubjectResult {
  readonly subject: SubjectName;
  /** Calls, or messages of a stream. */
  readonly perSecond: Spread;
  readonly perSecondRatio: Spread | undefined;
  readonly cpuMicroseconds: { readonly client: Spread; readonly server: Spread; readonly both: Spread };
  /** CPU of both processes per call (or message). Below 1 is less than the base. */
  readonly cpuRatio: Spread | undefined;
  readonly latencyMs: { readonly p50: Spread; readonly p99: Spread };
  /** Resident, of both processes together. */
  readonly memoryMiB: Spread;
  /** In use on the heaps of both processes, garbage included. */
  readonly heapMiB: Spread;
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  readonly concurrency: number;
  readonly unit: "call" | "message";
  readonly subjects: readonly SubjectResult[];
}

/** The results file. */
export interface Results {
  readonly date: string;
  readonly howToRepeat: string;
  readonly node: string;
  readonly cpu: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly secondsPerRound: number;
  /** Of the machine over the last minute, before the bench and after it. More than its CPUs means that others were busy. */
  readonly loadAverage: { readonly before: number; readonly after: number };
  readonly subjects: Readonly<Partial<Record<SubjectName, string>>>;
  readonly scenarios: readonly ScenarioResult[];
}

/** The rounds of each subject, in the order in which they were run. */
export type Rounds = ReadonlyMap<SubjectName, readonly Round[]>;

export function scenarioResult(scenario: Scenario, rounds: Rounds): ScenarioResult {
  const base = rounds.get(BASE);
  return {
    scenario: scenario.name,
    title: scenario.title,
    concurrency: scenario.concurrency,
    unit: scenario.unitsPerCall === 1 ? "call" : "message",
    subjects: [...rounds].map(([subject, own]) => subjectResult(subject, own, base)),
  };
}

function subjectResult(
  subject: SubjectName,
  rounds: readonly Round[],
  base: readonly Round[] | undefined,
): SubjectResult {
  const figure = (read: (round: Round) => number) => spread(rounds.map(read));
  const ratio = (read: (round: Round) => number) => base && ratios(rounds.map(read), base.map(read));
  const mebibytes = (read: (round: Round) => number) => figure((round) => read(round) / 2 ** 20);
  return {
    subject,
    perSecond: figure((round) => round.unitsPerSecond),
    perSecondRatio: ratio((round) => round.unitsPerSecond),
    cpuMicroseconds: {
      client: figure((round) => round.clientCpuMicrosecondsPerUnit),
      server: figure((round) => round.serverCpuMicrosecondsPerUnit),
      both: figure(cpuOf),
    },
    cpuRatio: ratio(cpuOf),
    latencyMs: { p50: figure((round) => round.p50), p99: figure((round) => round.p99) },
    memoryMiB: mebibytes((round) => round.residentBytes),
    heapMiB: mebibytes((round) => round.heapBytes),
  };
}

function cpuOf(round: Round): number {
  return round.clientCpuMicrosecondsPerUnit + round.serverCpuMicrosecondsPerUnit;
}

/** What is said of the machine and of what ran on it. */
export function circumstances(versions: Readonly<Record<string, string>>, subjects: readonly SubjectName[]) {
  const all = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    howToRepeat: "npm run bench:rpc",
    node: process.version,
    cpu: `${all.length} × ${all[0]?.model ?? "unknown"}`,
    versions,
    subjects: Object.fromEntries(subjects.map((name) => [name, SUBJECTS[name]])),
  };
}

export function loadAverage(): number {
  return loadavg()[0] ?? 0;
}

/** The results as JSON, with a line for each figure. */
export function resultsText(results: Results): string {
  const figure = /\{\s+"median": (\S+),\s+"min": (\S+),\s+"max": (\S+)\s+\}/g;
  const text = JSON.stringify(results, rounded, 2);
  return `${text.replace(figure, '{ "median": $1, "min": $2, "max": $3 }')}\n`;
}

/** Four digits at the most are worth a reader's time. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(4)) : value;
}
