import type { Cell } from "./rows.js";

/** A row that was played. */
export interface Played {
  readonly title: string;
  /** By `client-server`. */
  readonly cells: ReadonlyMap<string, Cell>;
}

const TITLES: Readonly<Record<string, string>> = {
  "go-go": "Go→Go",
  "accord-accord": "Accord→Accord",
  "accord-go": "Accord→Go",
  "go-accord": "Go→Accord",
  "accord-grpc-js": "Accord→grpc-js",
  "grpc-js-grpc-js": "grpc-js→grpc-js",
};

/** The table as the page has it. */
export function markdown(rows: readonly Played[], pairs: readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return [
    line(["", ...pairs.map((pair) => TITLES[pair] ?? pair)]),
    line(["---", ...pairs.map(() => "---")]),
    ...rows.map(({ title, cells }) => line([title, ...pairs.map((pair) => cells.get(pair)?.text ?? "")])),
  ].join("");
}

// How many times what plain grpc-js carries over a long wire: it was 25 and more. A busy machine takes from both.
const LEAST_RATIO = 4;

/** What mustn't be, on any machine. Figures of rates are compared with plain grpc-js's, which the same machine made. */
export function failures(rows: readonly Played[]): string[] {
  return rows.flatMap(({ title, cells }) => {
    const wrong: string[] = [];
    const plain = cells.get("grpc-js-grpc-js")?.rate;
    for (const [pair, { rate, lost, twice = 0 }] of cells) {
      if (!pair.startsWith("accord-")) {
        continue;
      }
      if (twice > 0) {
        wrong.push(`${title}: ${pair}: ${twice} Puts were executed twice`);
      }
      if ((lost.get ?? 0) > 0 || (!title.endsWith(": lost") && Object.keys(lost).length > 0)) {
        wrong.push(`${title}: ${pair}: ${JSON.stringify(lost)} lost`);
      }
      const isFar = pair === "accord-accord" && title.includes("50 ms");
      if (isFar && rate !== undefined && plain !== undefined && rate < LEAST_RATIO * plain) {
        wrong.push(`${title}: ${rate.toFixed(1)} MB/s, and plain grpc-js ${plain.toFixed(1)}`);
      }
    }
    return wrong;
  });
}
