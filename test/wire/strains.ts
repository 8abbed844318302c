import { setTimeout as sleep } from "node:timers/promises";
import { WARM_MS } from "./faults.js";
import { type Cell, type Row, sum } from "./row.js";
import { Scene } from "./scene.js";
import { type Load, PLACES } from "./work.js";

const OUTAGE_MS = 10_000;
const OUTAGE: Load = {
  kind: "load",
  getsPerSecond: 100,
  putsPerSecond: 0,
  streams: 0,
  ms: OUTAGE_MS + 2 * WARM_MS,
  timeoutMs: 5_000,
  action: { bytes: 100 },
};

const PLACE_MS = 80;
const CAPACITY = (PLACES * 1000) / PLACE_MS;
const MEASURED_MS = 8_000;
// No retries: what is refused is refused.
const OVERLOAD: Load = {
  kind: "load",
  getsPerSecond: 0,
  putsPerSecond: 3 * CAPACITY,
  streams: 0,
  ms: WARM_MS + MEASURED_MS,
  timeoutMs: 1_000,
  action: { bytes: 100, placeMs: PLACE_MS },
};

/** What is made of servers that can't do what they are asked for. */
export const STRAINS: readonly Row[] = [
  {
    title: "all three backends answer UNAVAILABLE for 10 s: attempts of each Get",
    measure: "attempts",
    quick: true,
    isAlone: false,
    play: (pair) => Scene.play(pair, { backends: 3, reach: "direct" }, outage),
  },
  {
    title: `three times the ${CAPACITY} calls/s that a server can do: in time / 99 % within`,
    measure: "goodput",
    quick: false,
    isAlone: true,
    // Half as many as there are places wait for one.
    play: (pair) => Scene.play(pair, { backends: 1, reach: "direct", maxConcurrentCalls: (PLACES * 3) / 2 }, overload),
  },
];

async function outage({ backends, client }: Scene): Promise<Cell> {
  const outcome = client.do(OUTAGE);
  await sleep(WARM_MS);
  for (const { server } of backends) {
    server.refuse(true);
  }
  await sleep(OUTAGE_MS);
  for (const { server } of backends) {
    server.refuse(false);
  }
  const { statuses = {} } = sum([await outcome]);
  const refused = backends.flatMap(({ began }) => began).filter(({ isRefused }) => isRefused);
  const attempts = refused.length / new Set(refused.map(({ id }) => id)).size;
  // That calls are lost is the outage's doing.
  return { text: attempts.toFixed(1), value: attempts, lost: {}, statuses };
}

async function overload({ client }: Scene): Promise<Cell> {
  const startedAt = Date.now();
  const { oks, statuses } = await client.do(OVERLOAD);
  const fromAt = startedAt + WARM_MS;
  const inTime = oks.filter(([at]) => at >= fromAt && at < fromAt + MEASURED_MS).map(([, ms]) => ms);
  const perSecond = inTime.length / (MEASURED_MS / 1000);
  const within = inTime.sort((one, other) => one - other)[Math.floor(inTime.length * 0.99)];
  const text = `${perSecond.toFixed(0)}/s${within === undefined ? "" : ` / ${within} ms`}`;
  return { text, value: perSecond, lost: {}, statuses };
}
