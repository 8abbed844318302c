import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ClientsReport, mergedReport, renderClients, withClients } from "./clients-report.js";
import type { Recording } from "./evaluation.js";
import { type Report, renderReport, withFigures } from "./report.js";
import { shareChart } from "./share-chart.js";

/** Tells what came of our client by itself. With a folder, it goes there, and into the page beside it. */
export function tellOne(report: Report, recording: Recording, out: string | undefined): void {
  process.stdout.write(renderReport(report));
  if (out !== undefined) {
    write(join(out, "rollout.json"), report);
    writeFileSync(join(out, "rollout.svg"), shareChart(recording));
    editPage(out, (page) => withFigures(page, report));
  }
}

/** The same for all that were played beside each other. */
export function tellAll(report: ClientsReport, out: string | undefined): void {
  process.stdout.write(renderClients(report));
  if (out !== undefined) {
    const path = join(out, `clients-${report.wire.toLowerCase()}.json`);
    const earlier = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ClientsReport) : undefined;
    const merged = mergedReport(earlier, report);
    write(path, merged);
    editPage(out, (page) => withClients(page, merged));
  }
}

function write(path: string, report: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);
}

function editPage(out: string, edit: (page: string) => string): void {
  const page = `${out}.md`;
  if (existsSync(page)) {
    writeFileSync(page, edit(readFileSync(page, "utf8")));
  }
}
