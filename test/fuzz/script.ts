import type { Dice } from "./dice.js";
import { anyFrames, EMPTY_SETTINGS, firstHeaders, OPEN_WINDOWS, PREFACE, type Side } from "./frames.js";

/** How a peer's frames are put into segments. */
export type Cut = "together" | "apart" | "bytes";

/** What a peer does on one connection. */
export interface Script {
  /** Whether it reads what it is sent. */
  readonly reads: boolean;
  /** What it begins with; then it waits for so long. */
  readonly first: Buffer;
  readonly waitMs: number;
  readonly frames: readonly Buffer[];
  readonly cut: Cut;
  /** How it leaves, and after how long. */
  readonly leave: "end" | "destroy" | "reset";
  readonly stayMs: number;
}

// As long as it takes a stream that nobody reads to fill the buffers in between.
const FILLING_MS = 250;

/** The script of a connection. It is the same for the same dice. */
export function makeScript(side: Side, dice: Dice): Script {
  // It asks for all that there is, and reads none of it.
  const isGreedy = dice.chance(0.15);
  const hello = side === "server" ? PREFACE : Buffer.alloc(0);
  const opening = isGreedy || dice.chance(0.3) ? OPEN_WINDOWS : dice.chance(0.95) ? EMPTY_SETTINGS : Buffer.alloc(0);
  const begins = isGreedy && side === "server";
  const call = begins ? firstHeaders(side, dice, 1, dice.pick(["BidiStream", "ServerStream"])) : Buffer.alloc(0);
  return {
    reads: !isGreedy,
    first: Buffer.concat([hello, opening, call]),
    waitMs: isGreedy ? FILLING_MS : dice.pick([0, 0, 0, 5]),
    frames: makeFrames(side, dice, 1, begins ? 3 : 9),
    cut: dice.pick(["together", "together", "apart", "bytes"]),
    leave: dice.pick(["end", "destroy", "reset"]),
    stayMs: dice.pick([0, 2, 5, 20, 60]),
  };
}

/** Some frames: in any order, some of them twice, the last one perhaps cut off. */
export function makeFrames(side: Side, dice: Dice, stream: number, most: number): Buffer[] {
  const frames: Buffer[] = [];
  for (let count = dice.whole(1, most); count > 0; count -= 1) {
    const next = anyFrames(side, dice, stream);
    for (let times = dice.chance(0.1) ? dice.pick([2, 3, 50]) : 1; times > 0; times -= 1) {
      frames.push(...next);
    }
  }
  const last = frames.at(-1);
  if (last !== undefined && dice.chance(0.15)) {
    frames[frames.length - 1] = last.subarray(0, dice.whole(0, last.length));
  }
  return frames;
}
