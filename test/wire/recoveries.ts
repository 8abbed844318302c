import { setTimeout as sleep } from "node:timers/promises";
import { WARM_MS } from "./faults.js";
import type { ServerPeer } from "./peers.js";
import { type Cell, lostText, type Row, sum } from "./row.js";
import { type Reach, Scene } from "./scene.js";
import type { Load, Outcome } from "./work.js";

interface Recovery {
  readonly backends: number;
  readonly reach: Reach;
  readonly load: Load;
  /** When it begins, at several phases of everybody's timers. */
  readonly phasesMs: readonly number[];
  /** Whether calls may be lost: no backend is there. */
  readonly losesCalls: boolean;
  /** @returns how long it took, in milliseconds, of each backend or of all; endless where it never came to it */
  play(scene: Scene, outcome: Promise<Outcome>): Promise<readonly number[]>;
}

const FEW_GETS = { kind: "load", getsPerSecond: 20, putsPerSecond: 0, streams: 0, action: { bytes: 100 } } as const;
const PHASES_MS = [0, 400, 800];
/** A rolling restart goes on with the next backend after that, whatever the one before gets. */
const MOST_WAITED_MS = 8_000;

/** How long it takes until all is well again. */
export const RECOVERIES: readonly Row[] = [
  recoveryRow("rolling restart of three backends: lost / first call to the new one after", true, {
    backends: 3,
    reach: "direct",
    load: {
      kind: "load",
      getsPerSecond: 100,
      putsPerSecond: 50,
      streams: 0,
      ms: 36_000,
      timeoutMs: 5_000,
      action: { bytes: 100, sleepMs: 50 },
    },
    phasesMs: PHASES_MS,
    losesCalls: false,
    play: async ({ backends }, outcome) => {
      const restarted: ServerPeer[] = [];
      for (const backend of backends) {
        await backend.server.stop();
        await sleep(1_000);
        const server = await backend.startAgain();
        restarted.push(server);
        await Promise.race([server.firstCallAt(), sleep(MOST_WAITED_MS)]);
        await sleep(1_000);
      }
      const over = outcome.then(() => Number.POSITIVE_INFINITY);
      const firsts = restarted.map(async (server) =>
        Math.max(0, (await Promise.race([server.firstCallAt(), over])) - server.readyAt),
      );
      return Promise.all(firsts);
    },
  }),
  recoveryRow("the last backend goes, and is back after 5 s: the next OK after", true, {
    backends: 1,
    reach: "direct",
    load: { ...FEW_GETS, ms: 25_000, timeoutMs: 1_000 },
    phasesMs: PHASES_MS,
    losesCalls: true,
    play: async ({ backends: [backend] }, outcome) => {
      await backend?.server.kill();
      await sleep(5_000);
      const server = await backend?.startAgain();
      return [firstOk(await outcome, server?.readyAt ?? 0)];
    },
  }),
  recoveryRow("all three backends are cut off for 60 s: the next OK after", false, {
    backends: 3,
    reach: "cuttable",
    load: { ...FEW_GETS, ms: 110_000, timeoutMs: 1_000 },
    phasesMs: PHASES_MS,
    losesCalls: true,
    play: async ({ backends }, outcome) => {
      for (const backend of backends) {
        backend.cut();
      }
      await sleep(60_000);
      const mendedAt = Date.now();
      for (const backend of backends) {
        backend.mend();
      }
      return [firstOk(await outcome, mendedAt)];
    },
  }),
];

function firstOk({ oks }: Outcome, since: number): number {
  return Math.min(...oks.map(([at]) => at).filter((at) => at >= since)) - since;
}

function recoveryRow(title: string, quick: boolean, recovery: Recovery): Row {
  return {
    title,
    measure: "recovery",
    quick,
    isAlone: false,
    play: async (pair, isQuick) => {
      const { backends, reach, load, phasesMs, losesCalls } = recovery;
      const outcomes: Outcome[] = [];
      const times: number[] = [];
      for (const phaseMs of isQuick ? phasesMs.slice(0, 1) : phasesMs) {
        await Scene.play(pair, { backends, reach }, async (scene) => {
          const outcome = scene.client.do(load);
          await sleep(WARM_MS + phaseMs);
          times.push(...(await recovery.play(scene, outcome)));
          outcomes.push(await outcome);
        });
      }
      return cell(times, losesCalls ? [] : outcomes, losesCalls);
    },
  };
}

function cell(times: readonly number[], outcomes: readonly Outcome[], losesCalls: boolean): Cell {
  const sorted = times.map((ms) => ms / 1000).sort((one, other) => one - other);
  const [median = 0, worst = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const { lost, statuses = {} } = sum(outcomes);
  const seconds = Number.isFinite(worst) ? `${median.toFixed(1)} s, ${worst.toFixed(1)} s at most` : "never";
  return {
    text: losesCalls ? seconds : `${lostText(lost)} / ${seconds}`,
    value: Number.isFinite(worst) ? median : null,
    times,
    lost,
    statuses,
  };
}
