import { setTimeout as sleep } from "node:timers/promises";
import { lostText, type Measure, type Row, sum, total } from "./row.js";
import { mostPlays, type Reach, Scene } from "./scene.js";
import type { Action, Outcome } from "./work.js";

const BACKENDS = 3;
/** Before a fault begins, all connections are warm. */
export const WARM_MS = 2_000;
const PHASES_MS = [0, 170, 340];

interface Fault {
  /** Default: `fault`. */
  readonly measure?: Measure;
  /** How long calls are made. */
  readonly ms: number;
  /** The deadline of Gets and Puts. Default: 5 s. */
  readonly timeoutMs?: number;
  /** How many Gets are made a second, and half as many Puts. Default: 100. */
  readonly getsPerSecond?: number;
  readonly action?: Action;
  /** When it begins, at several phases of everybody's timers. Default: three. */
  readonly phasesMs?: readonly number[];
  readonly reach: Reach;
  play(scene: Scene): Promise<void>;
}

/** What faults cost under load. */
export const FAULTS: readonly Row[] = [
  faultRow("six pauses of 4.5 s of all three backends: lost", false, {
    ms: 40_000,
    timeoutMs: 10_000,
    // What has waited has to be served in the 1.5 s between two pauses.
    getsPerSecond: 20,
    phasesMs: [0],
    reach: "direct",
    play: async ({ backends }) => {
      for (let pause = 0; pause < 6; pause += 1) {
        for (const { server } of backends) {
          server.freeze();
        }
        await sleep(4_500);
        for (const { server } of backends) {
          server.goOn();
        }
        await sleep(1_500);
      }
    },
  }),
  faultRow("a backend freezes for 10 s: lost", true, {
    ms: 15_000,
    reach: "direct",
    play: async ({ backends: [backend] }) => {
      backend?.server.freeze();
      await sleep(10_000);
      backend?.server.goOn();
    },
  }),
  faultRow("a backend is cut off for 15 s: lost", false, {
    ms: 20_000,
    reach: "cuttable",
    play: async ({ backends: [backend] }) => {
      backend?.cut();
      await sleep(15_000);
      backend?.mend();
    },
  }),
  faultRow("a backend is killed, and is back after 2 s: lost", true, {
    measure: "end",
    ms: 8_000,
    // So that some calls are under way.
    action: { bytes: 100, sleepMs: 50 },
    reach: "direct",
    play: async ({ backends: [backend] }) => {
      await backend?.server.kill();
      await sleep(2_000);
      await backend?.startAgain();
    },
  }),
];

/** A fault under load: 100 Gets and 50 Puts a second, and six streams. */
function faultRow(title: string, quick: boolean, fault: Fault): Row {
  const { phasesMs = PHASES_MS } = fault;
  return {
    title,
    measure: fault.measure ?? "fault",
    quick,
    isAlone: true,
    play: async (pair, isQuick) => {
      const outcomes: Outcome[] = [];
      let twice = 0;
      for (const phaseMs of isQuick ? phasesMs.slice(0, 1) : phasesMs) {
        const init = { backends: BACKENDS, reach: fault.reach, mostPlays: mostPlays(isQuick) };
        const played = await Scene.playCalmly(pair, init, async (scene) => {
          const outcome = await underLoad(scene, fault, phaseMs);
          twice += scene.twice;
          return outcome;
        });
        outcomes.push(played);
      }
      const { lost, statuses = {} } = sum(outcomes);
      const text = `${lostText(lost)}${twice > 0 ? `; ${twice} Puts twice` : ""}`;
      return { text, value: total(lost), lost, twice, statuses };
    },
  };
}

async function underLoad(scene: Scene, fault: Fault, phaseMs: number): Promise<Outcome> {
  const { ms, timeoutMs = 5_000, getsPerSecond = 100, action = { bytes: 100 } } = fault;
  const rates = { getsPerSecond, putsPerSecond: getsPerSecond / 2, streams: 6 };
  const [outcome] = await Promise.all([
    scene.client.do({ kind: "load", ...rates, ms, timeoutMs, action }),
    sleep(WARM_MS + phaseMs).then(() => fault.play(scene)),
  ]);
  return outcome;
}
