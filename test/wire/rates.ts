import type { Wire } from "./link.js";
import type { Row } from "./row.js";
import { Scene } from "./scene.js";
import type { Work } from "./work.js";

const MIB = 1024 * 1024;
const FAR: Wire = { delayMs: 25 };
const STREAM: Work = { kind: "stream", bytes: 65_536, ms: 3_000 };

/** What a wire carries in a second. */
export const RATES: readonly Row[] = [
  rateRow("one stream of 64 KiB messages, 50 ms round trip, MB/s", STREAM, true, FAR),
  rateRow("1 MiB requests one at a time, 50 ms, MB/s", unary("up", 1), true, FAR),
  rateRow("1 MiB requests eight at a time, 50 ms, MB/s", unary("up", 8), false, FAR),
  rateRow("1 MiB responses one at a time, 50 ms, MB/s", unary("down", 1), true, FAR),
  rateRow("1 MiB responses eight at a time, 50 ms, MB/s", unary("down", 8), false, FAR),
  rateRow("one stream of 64 KiB messages, 10 ms, MB/s", STREAM, false, { delayMs: 5 }),
  rateRow("one stream of 64 KiB messages, no delay, MB/s", STREAM, false, {}),
];

function unary(way: "up" | "down", lanes: number): Work {
  return { kind: "rate", way, bytes: MIB, lanes, ms: 3_000 };
}

function rateRow(title: string, work: Work, quick: boolean, reach: Wire): Row {
  return {
    title,
    measure: "rate",
    quick,
    isAlone: true,
    play: (pair) =>
      Scene.play(pair, { backends: 1, reach }, async ({ client }) => {
        const { mbPerSecond = 0, lost, statuses } = await client.do(work);
        return { text: mbPerSecond.toFixed(1), value: mbPerSecond, lost, statuses };
      }),
  };
}
