import { status as Status } from "@grpc/grpc-js";
import type { Played, Results } from "./results.js";
import { type Cell, type Measure, total } from "./row.js";

/** The pairs, in the order of the table's columns. */
export const TITLES: Readonly<Record<string, string>> = {
  "go-go": "Go→Go",
  "accord-accord": "Accord→Accord",
  "accord-go": "Accord→Go",
  "go-accord": "Go→Accord",
  "accord-grpc-js": "Accord→grpc-js",
  "grpc-js-grpc-js": "grpc-js→grpc-js",
};

/** The table as the pages have it, with what it was made on. */
export function markdown({ versions, rows }: Results): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  const pairs = Object.keys(TITLES).filter((pair) => rows.some(({ cells }) => cells[pair] !== undefined));
  const cells = rows.flatMap((row) => Object.values(row.cells));
  const [dates, loads] = [cells.map(({ date }) => date).sort(), cells.map(({ load }) => load)];
  const made = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    line(["", ...pairs.map((pair) => TITLES[pair] ?? pair)]),
    line(["---", ...pairs.map(() => "---")]),
    ...rows.map((row) => line([row.title, ...pairs.map((pair) => row.cells[pair]?.text ?? "")])),
    "\n",
    `*${made.join(", ")}; played ${[...new Set([dates[0], dates.at(-1)])].join(" to ")}, on a machine whose load average was `,
    `${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)} as rows began.*\n`,
  ].join("");
}

// How many times what plain grpc-js carries over a long wire: it was 25 and more. A busy machine takes from both.
const LEAST_RATIO = 4;
// Throttled retries make about one attempt of each call in a long outage, and those that aren't four or five.
const MOST_ATTEMPTS = 2;

/**
 * What mustn't be, on any machine. Rates, and losses that a machine's own pauses add to, are held against plain grpc-js's, which
 * the same machine made.
 */
export function failures(rows: readonly Played[]): string[] {
  return rows.flatMap(({ title, measure, cells }) =>
    Object.entries(cells)
      .filter(([pair]) => pair.startsWith("accord-"))
      .flatMap(([pair, cell]) => {
        const plain = cells["grpc-js-grpc-js"];
        const found = [
          ...executedTwice(cell),
          ...PROBLEMS[measure]({ pair, isFar: title.includes("50 ms"), cell, plain }),
        ];
        return found.map((text) => `${title}: ${pair}: ${text}`);
      }),
  );
}

interface Judged {
  readonly pair: string;
  readonly isFar: boolean;
  readonly cell: Cell;
  readonly plain: Cell | undefined;
}

const PROBLEMS: Readonly<Record<Measure, (judged: Judged) => string[]>> = {
  rate: ({ pair, isFar, cell, plain }) => {
    const isSlow = (cell.value ?? 0) < LEAST_RATIO * (plain?.value ?? 0);
    return [
      ...anyLost(cell),
      ...(pair === "accord-accord" && isFar && isSlow ? [`${cell.text} MB/s, and plain grpc-js ${plain?.text}`] : []),
    ];
  },
  loss: ({ cell }) => anyLost(cell),
  fault: ({ cell, plain }) => moreLost(cell, plain),
  // How many were under way is chance. They end at once, and no other call does, or waits for its deadline.
  end: ({ cell: { statuses = {} } }) =>
    Object.keys(statuses)
      .filter((status) => !status.includes(`: ${Status.UNAVAILABLE} `))
      .map((status) => `a call ended with ${status}`),
  recovery: ({ cell, plain }) => [...moreLost(cell, plain), ...(cell.value === null ? ["it never came to it"] : [])],
  attempts: ({ cell }) => ((cell.value ?? 0) > MOST_ATTEMPTS ? [`${cell.text} attempts of each call`] : []),
  goodput: ({ pair, cell, plain }) => {
    // A server of another kind has no such limit.
    const isLess = pair === "accord-accord" && (cell.value ?? 0) < (plain?.value ?? 0);
    return isLess ? [`${cell.text}, and plain grpc-js ${plain?.text}`] : [];
  },
};

function executedTwice({ twice = 0 }: Cell): string[] {
  return twice > 0 ? [`${twice} Puts were executed twice`] : [];
}

function anyLost({ lost }: Cell): string[] {
  return total(lost) > 0 ? [`${JSON.stringify(lost)} lost`] : [];
}

function moreLost({ lost }: Cell, plain: Cell | undefined): string[] {
  return plain !== undefined && total(lost) > total(plain.lost)
    ? [`${JSON.stringify(lost)} lost, and plain grpc-js ${JSON.stringify(plain.lost)}`]
    : [];
}
