import type { Check, StepResult } from "./evaluation.js";
import { between, lostAs } from "./report.js";

/** What a run came to for several clients beside each other: `clients.json`, or `clients-tls.json`. */
export interface ClientsReport {
  readonly form: string;
  /** `TLS` or `cleartext`. */
  readonly wire: string;
  readonly clients: readonly ClientReport[];
}

/** What came of one of them. */
export interface ClientReport {
  readonly name: string;
  /** `grpc-go 1.85.0`; of ours nothing. */
  readonly version: string;
  readonly date: string;
  /** Calls a second. */
  readonly rate: number;
  readonly steps: readonly StepResult[];
  readonly checks: readonly Check[];
}

/** With what an earlier run came to for clients that weren't played now: a machine may be too small for all at once. */
export function mergedReport(earlier: ClientsReport | undefined, now: ClientsReport): ClientsReport {
  const kept = earlier?.clients.filter(({ name }) => !now.clients.some((client) => client.name === name)) ?? [];
  return { ...now, clients: [...now.clients, ...kept] };
}

/** A row for each step, a column for each client: how many calls were lost of how many; then what the losses were, and the checks that failed. */
export function renderClients(report: ClientsReport): string {
  const failed = report.clients.flatMap(({ name, checks }) =>
    checks.filter(({ ok }) => !ok).map(({ name: check, found }) => `FAILED  ${name}: ${check}: ${found}`),
  );
  const lost = report.clients.flatMap(({ name, steps }) =>
    steps.filter((step) => step.lost > 0).map((step) => `${name}, ${step.name}: ${lostAs(step)}`),
  );
  return `${[`The ${report.form} rollout, ${report.wire}`, "", clientsTable(report), "", ...lost, ...failed].join("\n")}\n`;
}

function clientsTable({ clients, wire }: ClientsReport): string {
  const steps = clients[0]?.steps ?? [];
  const rows = steps.map(({ name }, index) => {
    const cells = clients.map((client) => {
      const step = client.steps[index];
      return step === undefined ? "" : `${step.lost} of ${step.calls}`;
    });
    return `| ${[name, ...cells].join(" | ")} |`;
  });
  return [
    `| ${wire} | ${clients.map(({ name, version }) => version || name).join(" | ")} |`,
    `| --- |${" --- |".repeat(clients.length)}`,
    ...rows,
  ].join("\n");
}

/** Puts the figures of several clients into a page, where it has marks for them. */
export function withClients(page: string, report: ClientsReport): string {
  return between(
    page,
    `<!-- clients, ${report.wire}: written by \`npm run rollout -- --clients\` -->`,
    `<!-- /clients, ${report.wire} -->`,
    clientsTable(report),
  );
}
