import { type Check, percent, type StepResult, seconds } from "./evaluation.js";

/** What a run came to: `rollout.json`. */
export interface Report {
  readonly form: string;
  readonly resolver: string;
  /** Calls a second. */
  readonly rate: number;
  readonly steps: readonly StepResult[];
  readonly checks: readonly Check[];
}

/** A table of the steps, and a list of the checks. */
export function renderReport({ form, resolver, rate, steps, checks }: Report): string {
  const rows = [
    ["step", "took", "calls", "lost", "recovered", "spread", "first traffic", "lost as"],
    ...steps.map((step) => [
      step.name,
      `${step.seconds} s`,
      String(step.calls),
      String(step.lost),
      step.lost === 0 ? "" : seconds(step.recoveryMs),
      step.spread === undefined ? "" : percent(step.spread),
      step.firstTrafficMs === undefined ? "" : seconds(step.firstTrafficMs),
      lostAs(step),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const found = checks.map(({ name, ok, found }) => `${ok ? "ok    " : "FAILED"}  ${name}: ${found}`);
  const title = `The ${form} rollout, ${rate} calls/s, names resolved by ${resolver === "system" ? "the system" : resolver}`;
  return `${[title, "", ...table, "", ...found].join("\n")}\n`;
}

/** What a run that fails ends with: which promises were broken, and what the processes said that nobody expected. */
export function renderFailure(failed: readonly Check[], stderr: string): string {
  const lines = [
    "",
    `The rollout failed: ${failed.length} of its checks didn't hold.`,
    ...failed.map(({ name, found }) => `  ${name}\n    but: ${found}`),
    ...(stderr === "" ? [] : ["", "What its processes wrote to stderr:", stderr.slice(-MOST_STDERR)]),
    "docs/rollout.md says what each check is for.",
  ];
  return `${lines.join("\n")}\n`;
}

const MOST_STDERR = 4_000;

const BEGIN = "<!-- figures: written by `npm run rollout` -->";
const END = "<!-- /figures -->";

/** Puts the figures into a page, where it has marks for them. */
export function withFigures(page: string, { steps, checks, rate }: Report): string {
  const rows = steps.map((step) => {
    const { name, calls, lost, recoveryMs, spread, firstTrafficMs } = step;
    const cells = [
      name,
      `${step.seconds} s`,
      calls,
      lost,
      lost === 0 ? "" : seconds(recoveryMs),
      spread === undefined ? "" : percent(spread),
      firstTrafficMs === undefined ? "" : seconds(firstTrafficMs),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const whole = checks.filter(({ name }) => !steps.some((step) => name.startsWith(`${step.name}:`)));
  const figures = [
    `| ${rate} calls/s | took | calls | lost | last one lost after | spread | first traffic after |`,
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    ...whole.map(({ name, ok, found }) => `- ${name}: ${ok ? "" : "**no**, "}${found}`),
  ].join("\n");
  return between(page, BEGIN, END, figures);
}

/** `2 Transfer UNAVAILABLE, 1 Watch UNAVAILABLE` */
export function lostAs(step: StepResult): string {
  return Object.entries(step.lostAs)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");
}

/** The page with something else between two marks, if it has them. */
export function between(page: string, begin: string, end: string, text: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  return from < 0 || to < from ? page : [page.slice(0, from) + begin, text, page.slice(to)].join("\n");
}
