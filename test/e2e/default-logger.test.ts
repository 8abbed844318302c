import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { bundleProgram } from "./node-program.js";

// The default logger's lines, however the process ends that wrote them.

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly { readonly i: number | string }[];
}

async function run(end: string, lines: number, readAfterMs = 0): Promise<Ended> {
  const child = spawn(process.execPath, [await bundleProgram("e2e/programs/log-lines.ts"), end, String(lines)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "close");
  await delay(readAfterMs);
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += String(chunk);
  });
  const [code, signal] = await exited;
  return {
    code,
    signal,
    lines: text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

const NUMBERS = Array.from({ length: 1000 }, (_, i) => i);

it.each<[string, Pick<Ended, "code" | "signal">, (number | string)[]]>([
  ["return", { code: 0, signal: null }, NUMBERS],
  ["exit", { code: 3, signal: null }, NUMBERS],
  ["throw", { code: 1, signal: null }, NUMBERS],
  ["reject", { code: 1, signal: null }, NUMBERS],
  ["late-lines", { code: 0, signal: null }, [...NUMBERS, "at exit"]],
  ["signal", { code: null, signal: "SIGTERM" }, NUMBERS],
  ["own-listener", { code: 0, signal: null }, [...NUMBERS, "draining", "drained"]],
  ["lives-on", { code: null, signal: "SIGTERM" }, [...NUMBERS, "hung up", "last"]],
  ["counting-listener", { code: null, signal: "SIGTERM" }, NUMBERS],
])("are all there, in their order: %s", async (end, expected, lines) => {
  const { code, signal, lines: read } = await run(end, 1000);
  expect({ code, signal }).toEqual(expected);
  expect(read.map(({ i }) => i)).toEqual(lines);
});

it.each<[string, number]>([
  ["return", 50_000],
  ["non-blocking", 0],
])("wait for a reader that is slow: %s", async (end, count) => {
  // 5 MB: the pipe takes 64 KiB.
  const { code, lines } = await run(end, count, 200);
  expect(code).toBe(0);
  expect(lines.map(({ i }) => i)).toEqual(Array.from({ length: 50_000 }, (_, i) => i));
});
