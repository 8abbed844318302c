import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Cell, Measure, Row } from "./row.js";

/** What came of a row with a pair, and when. */
export interface PlayedCell extends Cell {
  /** `2026-11-28` */
  readonly date: string;
  /** What else ran when it began: the load average of the last minute. */
  readonly load: number;
  /** Whether the wire was the kernel's where a row cuts or drops. */
  readonly onKernelWire: boolean;
}

/** A row that was played. */
export interface Played {
  readonly title: string;
  readonly measure: Measure;
  /** By `client-server`. */
  readonly cells: Readonly<Record<string, PlayedCell>>;
}

/** The results file. */
export interface Results {
  /** Of whoever played last: of Node, grpc-js and grpc-go. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Played[];
}

/** What was kept of earlier runs, if anything. */
export function keptResults(file: string): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : { versions: {}, rows: [] };
}

/** The kept results with what was played in place of what it replaces, in the order of the table. */
export function merged(kept: Results, { versions, rows: played }: Results, table: readonly Row[]): Results {
  const rows = table.flatMap(({ title, measure }) => {
    const [before, now] = [kept.rows, played].map((rows) => rows.find((row) => row.title === title)?.cells);
    const cells = { ...before, ...now };
    return Object.keys(cells).length === 0 ? [] : [{ title, measure, cells }];
  });
  return { versions: { ...kept.versions, ...versions }, rows };
}

export function keep(file: string, results: Results): void {
  const rounded = (_key: string, value: unknown) => (typeof value === "number" ? Math.round(value * 100) / 100 : value);
  // A line for each cell.
  const text = JSON.stringify(results, rounded, 2).replace(/\{\n {10}[^{}]*(?:\{[^{}]*\}[^{}]*)*\n {8}\}/g, (cell) =>
    cell.replace(/\n\s*/g, " "),
  );
  writeFileSync(file, `${text}\n`);
}
