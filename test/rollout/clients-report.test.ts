import { describe, expect, it } from "vitest";
import { type ClientReport, type ClientsReport, mergedReport, renderClients, withClients } from "./clients-report.js";

function client(name: string, lost: number): ClientReport {
  const step = { name: "steady", seconds: 8, calls: 160, lost, lostAs: { "Watch UNAVAILABLE": lost }, recoveryMs: 10 };
  return { name, version: `${name} 1.0`, date: "2026-11-28", rate: 20, steps: [step], checks: [] };
}

function report(...clients: readonly ClientReport[]): ClientsReport {
  return { form: "full", wire: "TLS", clients };
}

describe("the figures of several clients", () => {
  const page = "a\n<!-- clients, TLS: written by `npm run rollout -- --clients` -->\nold\n<!-- /clients, TLS -->\nb";

  it("are a column each, in the page where it has marks for this wire", () => {
    expect(withClients(page, report(client("go", 0), client("java", 2)))).toBe(
      page.replace("old", "| TLS | go 1.0 | java 1.0 |\n| --- | --- | --- |\n| steady | 0 of 160 | 2 of 160 |"),
    );
    expect(withClients(page, { ...report(client("go", 0)), wire: "cleartext" })).toBe(page);
  });

  it("say what was lost", () => {
    expect(renderClients(report(client("go", 0), client("java", 2)))).toContain("java, steady: 2 Watch UNAVAILABLE");
  });

  it("take the place of a client's earlier ones, and leave those of others", () => {
    const merged = mergedReport(report(client("go", 1), client("java", 2)), report(client("go", 0)));
    expect(merged.clients.map(({ name, steps }) => [name, steps[0]?.lost])).toEqual([
      ["go", 0],
      ["java", 2],
    ]);
  });
});
