import type { Spread } from "./ratio.js";
import type { ScenarioResult, SubjectResult } from "./results.js";
import type { View } from "./view.js";

/** A scenario's figures as lines of text. */
export function resultTable({ title: way }: View, { title, node, unit, subjects }: ScenarioResult): string {
  const head = [
    "",
    `${unit}s/s`,
    "ratio",
    "of http2",
    `CPU µs/${unit}`,
    "ratio",
    "of http2",
    "p50 ms",
    "p99 ms",
    "MiB",
  ];
  const rows = subjects.map((result) => cells(result));
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return [`Node ${node.slice(1)}, ${way}: ${title}`, ...[head, ...rows].map((row) => `  ${line(row)}`), ""].join("\n");
}

function cells(result: SubjectResult): string[] {
  const { subject, perSecond, cpuMicroseconds, latencyMs, memoryMiB } = result;
  return [
    subject,
    perSecond.median.toFixed(0),
    ratioText(result.perSecondRatio),
    result.perSecondFloorRatio?.median.toFixed(2) ?? "",
    cpuMicroseconds.median.toFixed(1),
    ratioText(result.cpuRatio),
    result.cpuFloorRatio?.median.toFixed(2) ?? "",
    latencyMs.p50.median.toFixed(3),
    latencyMs.p99.median.toFixed(3),
    memoryMiB.median.toFixed(0),
  ];
}

/** `1.23 (1.10–1.31)` */
function ratioText(ratio: Spread | undefined): string {
  return ratio === undefined ? "" : `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;
}
