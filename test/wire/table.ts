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

/** How the titles of rows with faults end: they cost everybody calls. */
export const FAULT = ": lost";

// How many times what plain grpc-js carries over a long wire: it was 25 and more. A busy machine takes from both.
const LEAST_RATIO = 4;

/**
 * What mustn't be, on any machine. Rates, and losses that a machine's own pauses add to, are held against plain grpc-js's, which
 * the same machine made.
 */
export function failures(rows: readonly Played[]): string[] {
  return rows.flatMap(({ title, cells }) =>
    [...cells]
      .filter(([pair]) => pair.startsWith("accord-"))
      .flatMap(([pair, cell]) =>
        problems(title, pair, cell, cells.get("grpc-js-grpc-js")).map((text) => `${title}: ${pair}: ${text}`),
      ),
  );
}

function problems(title: string, pair: string, { rate, lost, twice = 0 }: Cell, plain: Cell | undefined): string[] {
  const found: string[] = [];
  if (twice > 0) {
    found.push(`${twice} Puts were executed twice`);
  }
  const isFault = title.endsWith(FAULT);
  if (isFault ? plain !== undefined && total(lost) > total(plain.lost) : total(lost) > 0) {
    found.push(`${JSON.stringify(lost)} lost, and plain grpc-js ${JSON.stringify(plain?.lost)}`);
  }
  const isFar = pair === "accord-accord" && title.includes("50 ms");
  if (isFar && rate !== undefined && plain?.rate !== undefined && rate < LEAST_RATIO * plain.rate) {
    found.push(`${rate.toFixed(1)} MB/s, and plain grpc-js ${plain.rate.toFixed(1)}`);
  }
  return found;
}

function total(lost: Cell["lost"]): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}
