import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Round } from "./contestant.js";
import type { SubjectName } from "./subject.js";
import type { ViewName } from "./view.js";

/** One round of a scenario: what each subject did in its turn. Ratios are of one record. */
export interface RoundRecord {
  readonly view: ViewName;
  /** The version of what was measured: `v24.21.0`. */
  readonly node: string;
  readonly scenario: string;
  readonly seconds: number;
  readonly date: string;
  /** Of the machine. */
  readonly cpu: string;
  /** The machine's over the last minute, when the round began. More than its CPUs means that others were busy. */
  readonly loadAverage: number;
  readonly rounds: Readonly<Partial<Record<SubjectName, Round>>>;
}

/** What earlier runs have measured. */
export function readRecords(path: string): readonly RoundRecord[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as readonly RoundRecord[]) : [];
}

/** Keeps what was measured: the results are made of it, and `--append` adds to it. */
export function writeRecords(path: string, records: readonly RoundRecord[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(records));
}
