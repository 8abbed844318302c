// The results as text.
import { REFERENCE } from "./plugins.mjs";

const HEAD = ["", "seconds", `of ${REFERENCE}`, "processor seconds", "of it", "memory", "output", "runs"];

/** An input's results. */
export function inputTable({ title, requestMiB, plugins, growth = {} }) {
  const rows = Object.entries(plugins).map(([name, result]) => [name, ...cells(result)]);
  return [
    `\n${title}: a request of ${requestMiB} MiB`,
    ...align([HEAD, ...rows]),
    ...Object.entries(growth).map(growthLine),
  ].join("\n");
}

function cells({ notDoneAfter, failure, seconds, ratio, processorSeconds, processorRatio, peakMiB, outputMiB, runs }) {
  if (seconds === undefined) {
    return [failure === undefined ? `not done after ${notDoneAfter} s` : `failed: ${failure}`];
  }
  const memory = peakMiB === undefined ? "" : `${peakMiB.max} MiB`;
  return [
    text(seconds),
    text(ratio),
    text(processorSeconds),
    text(processorRatio),
    memory,
    `${outputMiB} MiB`,
    `${runs}`,
  ];
}

function growthLine([name, { timeExponent, memoryExponent }]) {
  return `  ${name}: time grows with the request's size to the power of ${timeExponent}, memory of ${memoryExponent}`;
}

/** What we aim at. */
export function aimTable(aims) {
  const rows = aims.map(({ aim, atMost, measured, met }) => [
    met === undefined ? "?" : met ? "✓" : "✗",
    aim,
    `${measured ?? "not measured"}`,
    `at most ${atMost}`,
  ]);
  return ["\nAims", ...align(rows)].join("\n");
}

function align(rows) {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => (row.length > 2 ? (row[column]?.length ?? 0) : 0))),
  );
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join("   ")}`.trimEnd());
}

/** `0.37 (0.35–0.41)` */
export function text(spread) {
  if (spread === undefined) {
    return "";
  }
  const { median, min, max, under } = spread;
  return under === undefined ? (min === max ? `${median}` : `${median} (${min}–${max})`) : `under ${under}`;
}
