import { describe, expect, test } from "vitest";
import { better, comparisonChart } from "./chart.js";
import { merged, type Played, type PlayedCell } from "./results.js";
import type { Cell, Measure, Row } from "./row.js";
import { failures, markdown } from "./table.js";

const NOTHING_LOST: Cell = { text: "", value: 0, lost: {} };

function playedCell(cell: Partial<Cell>, date = "2026-11-28"): PlayedCell {
  return { ...NOTHING_LOST, ...cell, date, load: 1, onKernelWire: true };
}

function row(measure: Measure, cells: Readonly<Record<string, Partial<Cell>>>, title = "a row"): Played {
  const entries = Object.entries(cells).map(([pair, cell]) => [pair, playedCell(cell)] as const);
  return { title, measure, cells: Object.fromEntries(entries) };
}

describe("what fails a run", () => {
  test.each<[string, Measure, Partial<Cell>, Partial<Cell>]>([
    ["a Put that was executed twice", "fault", { twice: 1 }, {}],
    ["a call lost on a slow wire", "loss", { lost: { put: 1 } }, { lost: { put: 4 } }],
    ["a call lost while a rate was measured", "rate", { value: 50, lost: { put: 1 } }, { value: 1 }],
    ["more lost by a fault than plain grpc-js lost", "fault", { lost: { get: 3 } }, { lost: { put: 2 } }],
    ["calls lost by a rolling restart", "recovery", { value: 1, lost: { put: 1 } }, { value: 1 }],
    ["never being well again", "recovery", { value: null }, { value: null }],
    ["a call that waited for its deadline as a backend ended", "end", { statuses: { "put: 4 Deadline": 1 } }, {}],
    ["retries that multiply an outage", "attempts", { value: 4.9 }, { value: 4.9 }],
    ["less done in an overload than by plain grpc-js", "goodput", { value: 4 }, { value: 5 }],
  ])("%s", (_what, measure, cell, plain) => {
    expect(failures([row(measure, { "accord-accord": cell, "grpc-js-grpc-js": plain })])).toHaveLength(1);
  });

  test.each<[string, Measure, Partial<Cell>, Partial<Cell>]>([
    ["as much lost by a fault as plain grpc-js lost", "fault", { lost: { put: 2 } }, { lost: { get: 2 } }],
    ["calls under way at a backend that ended", "end", { statuses: { "put: 14 read ECONNRESET": 9 } }, {}],
    ["slower, on a machine that was busy, but well again", "recovery", { value: 9 }, { value: 1 }],
    ["one attempt of each call", "attempts", { value: 1.1 }, { value: 1 }],
  ])("not %s", (_what, measure, cell, plain) => {
    expect(failures([row(measure, { "accord-accord": cell, "grpc-js-grpc-js": plain })])).toEqual([]);
  });

  test("a stream over a long wire that is no better than plain grpc-js's", () => {
    const far = row(
      "rate",
      { "accord-accord": { value: 2 }, "grpc-js-grpc-js": { value: 0.7 } },
      "a stream, 50 ms, MB/s",
    );
    expect(failures([far])).toHaveLength(1);
    expect(failures([{ ...far, title: "a stream, no delay, MB/s" }])).toEqual([]);
  });
});

test.each<[Measure, number | null, number | null, number]>([
  ["rate", 20, 10, 2],
  ["loss", 0, 0, 1],
  ["loss", 1, 0, 1 / 2],
  ["fault", 9, 99, 10],
  ["end", 19, 9, 1 / 2],
  ["recovery", 0.5, 5, 10],
  ["recovery", 0.01, 0.05, 1],
  ["recovery", null, 1, 0],
  ["recovery", 1, null, Number.POSITIVE_INFINITY],
  ["recovery", null, null, 1],
  ["attempts", 1, 4, 4],
  ["goodput", 99, 0, 100],
])("of %s, %s against %s is %s times as good", (measure, value, base, times) => {
  expect(better(measure, { ...NOTHING_LOST, value }, { ...NOTHING_LOST, value: base })).toBe(times);
});

describe("results that are kept", () => {
  const table: Row[] = ["one", "two"].map((title) => ({
    title,
    measure: "loss",
    quick: true,
    isAlone: false,
    play: () => Promise.resolve(NOTHING_LOST),
  }));
  const kept = {
    versions: { Node: "20" },
    rows: [row("loss", { "go-go": { text: "old" }, "accord-go": { text: "old" } }, "two")],
  };

  test("lose only what was played again, and stand in the table's order", () => {
    const played = {
      versions: { Node: "24" },
      rows: [row("loss", { "go-go": { text: "new" } }, "two"), row("loss", { "go-go": { text: "new" } }, "one")],
    };
    const { versions, rows } = merged(kept, played, table);
    expect(versions).toEqual({ Node: "24" });
    expect(rows.map(({ title }) => title)).toEqual(["one", "two"]);
    expect(Object.entries(rows[1]?.cells ?? {}).map(([pair, { text }]) => [pair, text])).toEqual([
      ["go-go", "new"],
      ["accord-go", "old"],
    ]);
  });

  test("lose rows that the table has no longer", () => {
    expect(merged(kept, { versions: {}, rows: [] }, table.slice(0, 1)).rows).toEqual([]);
  });
});

test("the table and the chart have each row's figures, and say where they come from", () => {
  const cells = { "go-go": { text: "5 puts", value: 5 }, "accord-accord": { text: "none", value: 0 } };
  const results = { versions: { Node: "20.20.2" }, rows: [row("fault", cells, "a fault: lost")] };
  const table = markdown(results);
  expect(table).toContain("| a fault: lost | 5 puts | none |");
  expect(table).toContain("Node 20.20.2; played 2026-11-28");
  expect(comparisonChart(results)).toContain("a fault: lost: Go→Go 5 puts, Accord→Accord none");
});
