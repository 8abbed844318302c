import type { Socket } from "node:net";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { FRAME, readFrames } from "../../runtime/test-support/raw-http2.js";
import type { Dice } from "./dice.js";
import { firstHeaders } from "./frames.js";
import { type Cut, makeFrames, type Script } from "./script.js";

// Beyond it, byte by byte takes too long.
const MAX_SINGLE_BYTES = 600;

/** Does what the script says on a connection that is open. */
export async function play(socket: Socket, script: Script): Promise<void> {
  socket.on("error", () => {});
  socket.setNoDelay(true);
  if (script.reads) {
    socket.resume();
  } else {
    socket.pause();
  }
  if (script.waitMs === 0) {
    await write(socket, [script.first, ...script.frames], script.cut);
  } else {
    socket.write(script.first);
    await delay(script.waitMs);
    await write(socket, script.frames, script.cut);
  }
  if (script.reads) {
    await greeted(socket);
  }
  await delay(script.stayMs);
  leave(socket, script.leave);
}

// Who leaves before it is accepted leaves a queue behind in which everybody else waits.
const ACCEPTED_WITHIN_MS = 5000;

/** Waits until the other side has said something. */
async function greeted(socket: Socket): Promise<void> {
  const until = performance.now() + ACCEPTED_WITHIN_MS;
  while (socket.bytesRead === 0 && !socket.destroyed && performance.now() < until) {
    await delay(2);
  }
}

/** Answers what a client asks on a connection that it has opened, as the script and the dice say. */
export async function answer(socket: Socket, script: Script, dice: Dice): Promise<void> {
  socket.setNoDelay(true);
  socket.write(script.first);
  await write(socket, script.reads && dice.chance(0.2) ? script.frames : [], script.cut);
  const answered: Promise<void>[] = [];
  const asked = new Promise<void>((resolve) => {
    readFrames(socket, ({ type, stream }) => {
      if (type === FRAME.headers) {
        answered.push(answerCall(socket, script, dice, stream));
        resolve();
      }
    });
    // It may have gone while it was written to; who listens for its end from then on listens for ever.
    if (socket.destroyed) {
      resolve();
    }
    socket.once("close", () => resolve());
  });
  await asked;
  await Promise.all(answered);
  await delay(script.stayMs);
  leave(socket, script.leave);
}

async function answerCall(socket: Socket, script: Script, dice: Dice, stream: number): Promise<void> {
  if (!script.reads) {
    socket.pause();
    await delay(script.waitMs);
  }
  const head = dice.chance(0.6) ? [firstHeaders("client", dice, stream)] : [];
  await write(socket, [...head, ...makeFrames("client", dice, stream, 6)], script.cut);
}

/** Writes the frames in one segment, each in its own, or byte by byte. */
export async function write(socket: Socket, frames: readonly Buffer[], cut: Cut): Promise<void> {
  const all = Buffer.concat(frames);
  if (cut === "together" || (cut === "bytes" && all.byteLength > MAX_SINGLE_BYTES)) {
    socket.write(all);
    return;
  }
  const pieces = cut === "apart" ? frames : Array.from(all, (_, at) => all.subarray(at, at + 1));
  for (const piece of pieces) {
    if (socket.destroyed) {
      return;
    }
    socket.write(piece);
    await turn();
  }
}

function leave(socket: Socket, how: Script["leave"]): void {
  if (how === "end") {
    socket.end();
    // Who doesn't read doesn't see the other side's end either.
    setTimeout(() => socket.destroy(), 50);
  } else if (how === "reset") {
    socket.resetAndDestroy();
  } else {
    socket.destroy();
  }
}
