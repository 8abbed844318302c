import { kernelWire } from "./kernel-wire.js";
import type { Wire } from "./link.js";
import { type Cell, type Row, total } from "./row.js";
import { type Reach, Scene } from "./scene.js";
import type { Outcome, Work } from "./work.js";

const SLOW: Wire = { delayMs: 25, bytesPerSecond: 300_000 };
const SLOWER: Wire = { delayMs: 25, bytesPerSecond: 60_000 };
const DROPPING_BYTES_PER_SECOND = 300_000;

/** What is lost on a wire that is slow, or that nothing comes over for a while: nothing may be. */
export const LOSSES: readonly Row[] = [
  lossRow("4 × 1 MB down over 300 kB/s", four("down"), true, SLOW),
  lossRow("4 × 1 MB up over 300 kB/s", four("up"), true, SLOW),
  lossRow("4 × 1 MB down over 60 kB/s", four("down"), false, SLOWER),
  lossRow("4 × 1 MB up over 60 kB/s", four("up"), false, SLOWER),
  droppingRow("4 × 1 MB down over 300 kB/s, a queue of 15 kB that drops packets", four("down")),
  droppingRow("4 × 1 MB up over 300 kB/s, a queue of 15 kB that drops packets", four("up")),
  lossRow("a unary call and a stream, silent for 30 s", { kind: "silent", ms: 30_000 }, true, {}),
];

function four(way: "up" | "down"): Work {
  return { kind: "once", way, bytes: 1_000_000, calls: 4 };
}

function lossRow(title: string, work: Work, quick: boolean, reach: Reach): Row {
  return {
    title,
    measure: "loss",
    quick,
    isAlone: false,
    play: (pair) =>
      Scene.play(pair, { backends: 1, reach }, async ({ client }) => {
        const outcome = await client.do(work);
        return { text: text(outcome), value: total(outcome.lost), lost: outcome.lost, statuses: outcome.statuses };
      }),
  };
}

function droppingRow(title: string, work: Work): Row {
  const row = lossRow(title, work, false, "direct");
  const play: Row["play"] = async (pair, isQuick): Promise<Cell> => {
    const widen = kernelWire.narrow(DROPPING_BYTES_PER_SECOND);
    try {
      return await row.play(pair, isQuick);
    } finally {
      widen();
    }
  };
  return { ...row, isAlone: true, needsKernelWire: true, play };
}

function text({ lost, statuses }: Outcome): string {
  const parts = Object.entries(lost).map(([name, count]) => `${count} ${name}`);
  const [status] = Object.keys(statuses);
  return parts.length === 0 ? "all OK" : `${parts.join(", ")} lost (${status?.split(" ")[1]})`;
}
