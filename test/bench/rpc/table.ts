import type { Spread } from "./ratio.js";
import type { ScenarioResult, SubjectResult } from "./results.js";

/** A scenario's figures as lines of text. */
export function resultTable({ title, unit, subjects }: ScenarioResult): string {
  const head = ["", `${unit}s/s`, "ratio", `CPU µs/${unit}`, "client + server", "ratio", "p50 ms", "p99 ms", "MiB"];
  const rows = subjects.map((result) => cells(result));
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return [title, ...[head, ...rows].map((row) => `  ${line(row)}`), ""].join("\n");
}

function cells({ subject, perSecond, perSecondRatio, cpuMicroseconds, cpuRatio, latencyMs, memoryMiB }: SubjectResult) {
  return [
    subject,
    perSecond.median.toFixed(0),
    ratioText(perSecondRatio),
    cpuMicroseconds.both.median.toFixed(1),
    `${cpuMicroseconds.client.median.toFixed(1)} + ${cpuMicroseconds.server.median.toFixed(1)}`,
    ratioText(cpuRatio),
    latencyMs.p50.median.toFixed(3),
    latencyMs.p99.median.toFixed(3),
    memoryMiB.median.toFixed(0),
  ];
}

/** `1.23 (1.10–1.31)` */
export function ratioText(ratio: Spread | undefined): string {
  return ratio === undefined ? "" : `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;
}
