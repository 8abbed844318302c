import { cpus, loadavg } from "node:os";
import type { Round } from "./contestant.js";
import { ratios, type Spread, spread } from "./ratio.js";
import type { RoundRecord } from "./records.js";
import { SCENARIOS, type Scenario } from "./scenario.js";
import { SUBJECTS, type SubjectName } from "./subject.js";
import { type Measured, VIEWS, type View, type ViewName } from "./view.js";

/** The subject that all ratios are to. */
export const BASE: SubjectName = "grpc-js";

/** The subject that nobody can be faster than. */
export const FLOOR: SubjectName = "http2";

/** What a subject did in a scenario. Ratios are of the same round; above 1 is more than the base. */
export interface SubjectResult {
  readonly subject: SubjectName;
  /** Calls, or messages of a stream. */
  readonly perSecond: Spread;
  readonly perSecondRatio: Spread | undefined;
  readonly perSecondFloorRatio: Spread | undefined;
  /** Of what is measured, for a call or a message. */
  readonly cpuMicroseconds: Spread;
  /** Below 1 is less than the base. */
  readonly cpuRatio: Spread | undefined;
  readonly cpuFloorRatio: Spread | undefined;
  readonly latencyMs: { readonly p50: Spread; readonly p99: Spread };
  /** Resident, of what is measured. */
  readonly memoryMiB: Spread;
  /** In use on the heap, garbage included. */
  readonly heapMiB: Spread;
}

/** A scenario, seen in one way, on one Node. */
export interface ScenarioResult {
  readonly view: ViewName;
  readonly measured: Measured;
  readonly node: string;
  readonly scenario: string;
  readonly title: string;
  readonly concurrency: number;
  readonly unit: "call" | "message";
  readonly rounds: number;
  readonly seconds: number;
  /** Of the last round. */
  readonly date: string;
  readonly cpu: string;
  readonly loadAverage: Spread;
  readonly subjects: readonly SubjectResult[];
}

/** The results file. */
export interface Results {
  readonly howToRepeat: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly subjects: Readonly<Partial<Record<SubjectName, string>>>;
  readonly scenarios: readonly ScenarioResult[];
}

/** What was measured, put together: in the order of views, Nodes and scenarios. */
export function scenarioResults(records: readonly RoundRecord[]): readonly ScenarioResult[] {
  const nodes = [...new Set(records.map(({ node }) => node))].toSorted((a, b) => major(a) - major(b));
  return VIEWS.flatMap((view) =>
    nodes.flatMap((node) =>
      SCENARIOS.flatMap((scenario) => {
        const own = records.filter(
          (record) => record.view === view.name && record.node === node && record.scenario === scenario.name,
        );
        return own.length === 0 ? [] : [scenarioResult(view, node, scenario, own)];
      }),
    ),
  );
}

function major(node: string): number {
  return Number(/\d+/.exec(node)?.[0]);
}

function scenarioResult(
  view: View,
  node: string,
  { name, title, concurrency, unitsPerCall }: Scenario,
  records: readonly RoundRecord[],
): ScenarioResult {
  const measured = new Set(records.flatMap(({ rounds }) => Object.keys(rounds)));
  const subjects = (Object.keys(SUBJECTS) as SubjectName[]).filter((subject) => measured.has(subject));
  return {
    view: view.name,
    measured: view.measured,
    node,
    scenario: name,
    title,
    concurrency,
    unit: unitsPerCall === 1 ? "call" : "message",
    rounds: records.length,
    seconds: Math.max(...records.map(({ seconds }) => seconds)),
    date: records.at(-1)?.date ?? "",
    cpu: records.at(-1)?.cpu ?? "",
    loadAverage: spread(records.map((record) => record.loadAverage)),
    subjects: subjects.map((subject) => subjectResult(subject, records)),
  };
}

function subjectResult(subject: SubjectName, records: readonly RoundRecord[]): SubjectResult {
  const figure = (read: (round: Round) => number) =>
    spread(records.flatMap(({ rounds }) => (rounds[subject] === undefined ? [] : [read(rounds[subject])])));
  // Of the rounds in which both had their turns.
  const ratioTo = (other: SubjectName, read: (round: Round) => number) => {
    const both = records.flatMap(({ rounds }) => {
      const [own, base] = [rounds[subject], rounds[other]];
      return own === undefined || base === undefined ? [] : [[read(own), read(base)] as const];
    });
    return both.length === 0
      ? undefined
      : ratios(
          both.map(([own]) => own),
          both.map(([, base]) => base),
        );
  };
  return {
    subject,
    perSecond: figure(perSecond),
    perSecondRatio: ratioTo(BASE, perSecond),
    perSecondFloorRatio: ratioTo(FLOOR, perSecond),
    cpuMicroseconds: figure(cpu),
    cpuRatio: ratioTo(BASE, cpu),
    cpuFloorRatio: ratioTo(FLOOR, cpu),
    latencyMs: { p50: figure(({ p50 }) => p50), p99: figure(({ p99 }) => p99) },
    memoryMiB: figure(({ residentBytes }) => residentBytes / 2 ** 20),
    heapMiB: figure(({ heapBytes }) => heapBytes / 2 ** 20),
  };
}

function perSecond({ unitsPerSecond }: Round): number {
  return unitsPerSecond;
}

function cpu({ cpuMicroseconds }: Round): number {
  return cpuMicroseconds;
}

/** The results file of what was measured. */
export function resultsOf(records: readonly RoundRecord[], versions: Readonly<Record<string, string>>): Results {
  const scenarios = scenarioResults(records);
  const names = new Set(scenarios.flatMap(({ subjects }) => subjects.map(({ subject }) => subject)));
  return {
    howToRepeat: "npm run bench:rpc -- --node=20,24,26",
    versions,
    subjects: Object.fromEntries([...names].map((name) => [name, SUBJECTS[name]])),
    scenarios,
  };
}

/** What the processors are. */
export function machine(): { readonly cpu: string } {
  const all = cpus();
  return { cpu: `${all.length} × ${all[0]?.model ?? "unknown"}` };
}

/** The machine's, over the last minute. */
export function loadAverage(): number {
  return loadavg()[0] ?? 0;
}

/** The results as JSON, with a line for each figure. */
export function resultsText(results: object): string {
  const figure = /\{\s+"median": (\S+),\s+"min": (\S+),\s+"max": (\S+)\s+\}/g;
  const text = JSON.stringify(results, rounded, 2);
  return `${text.replace(figure, '{ "median": $1, "min": $2, "max": $3 }')}\n`;
}

/** Four digits at the most are worth a reader's time. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(4)) : value;
}
