import { setTimeout as sleep } from "node:timers/promises";
import { Link, type Wire } from "./link.js";
import { ClientPeer, type Kind, ServerPeer } from "./peers.js";
import type { Outcome, Work } from "./work.js";

/** Who calls whom. */
export interface Pair {
  readonly client: Kind;
  readonly server: Kind;
}

/** What came of one row with one pair. */
export interface Cell {
  /** As the table shows it. */
  readonly text: string;
  /** MB/s, where it is measured. */
  readonly rate?: number;
  /** How many calls were lost, by their kind. */
  readonly lost: Readonly<Record<string, number>>;
  /** How many Puts were executed more than once. */
  readonly twice?: number;
  /** With which statuses, for whoever looks closer. */
  readonly statuses?: Readonly<Record<string, number>>;
}

/** A row of the table. */
export interface Row {
  readonly title: string;
  /** Whether CI plays it. */
  readonly quick: boolean;
  /** Whether the pairs play it one after the other, since they need the machine. */
  readonly isAlone: boolean;
  play(pair: Pair, quick: boolean): Promise<Cell>;
}

const FAR: Wire = { delayMs: 25 };
const MIB = 1024 * 1024;

/** Servers behind links, and a client of all of them. */
class Scene {
  readonly servers: readonly ServerPeer[];
  readonly links: readonly Link[];
  readonly client: ClientPeer;

  private constructor(servers: readonly ServerPeer[], links: readonly Link[], client: ClientPeer) {
    this.servers = servers;
    this.links = links;
    this.client = client;
  }

  static async open({ client, server }: Pair, count: number, wire: Wire = {}): Promise<Scene> {
    const servers = await Promise.all(Array.from({ length: count }, () => ServerPeer.start(server)));
    const links = await Promise.all(servers.map(({ port }) => Link.to(port, wire)));
    return new Scene(
      servers,
      links,
      await ClientPeer.start(
        client,
        links.map(({ port }) => port),
      ),
    );
  }

  async twice(): Promise<number> {
    const puts = (await Promise.all(this.servers.map((server) => server.puts()))).flat();
    return puts.length - new Set(puts).size;
  }

  close(): void {
    this.client.stop();
    for (const each of [...this.servers, ...this.links]) {
      each instanceof ServerPeer ? each.stop() : each.close();
    }
  }
}

function rateRow(title: string, work: Work, quick: boolean, wire: Wire = FAR): Row {
  return {
    title,
    quick,
    isAlone: true,
    play: async (pair) => {
      const scene = await Scene.open(pair, 1, wire);
      try {
        const { mbPerSecond = 0, lost } = await scene.client.do(work);
        return { text: mbPerSecond.toFixed(1), rate: mbPerSecond, lost };
      } finally {
        scene.close();
      }
    },
  };
}

function lossRow(title: string, work: Work, quick: boolean, wire: Wire): Row {
  return {
    title,
    quick,
    isAlone: false,
    play: async (pair) => {
      const scene = await Scene.open(pair, 1, wire);
      try {
        const outcome = await scene.client.do(work);
        return { text: lossText(outcome), lost: outcome.lost };
      } finally {
        scene.close();
      }
    },
  };
}

function lossText({ lost, statuses }: Outcome): string {
  const parts = Object.entries(lost).map(([name, count]) => `${count} ${name}`);
  const [status] = Object.keys(statuses);
  return parts.length === 0 ? "all OK" : `${parts.join(", ")} lost (${status?.split(" ")[0]})`;
}

interface Fault {
  /** How long calls are made. */
  readonly ms: number;
  /** The deadline of Gets and Puts. Default: 5 s. */
  readonly timeoutMs?: number;
  /** How many Gets are made a second, and half as many Puts. Default: 100. */
  readonly getsPerSecond?: number;
  /** When it begins, at several phases of everybody's timers. */
  readonly phasesMs: readonly number[];
  play(scene: Scene): Promise<void>;
}

/** A fault under load: 100 Gets and 50 Puts a second, and six streams. */
function faultRow(
  title: string,
  quick: boolean,
  { ms, timeoutMs = 5_000, getsPerSecond = 100, phasesMs, play }: Fault,
): Row {
  return {
    title,
    quick,
    isAlone: true,
    play: async (pair, isQuick) => {
      const lost: Record<string, number> = {};
      const statuses: Record<string, number> = {};
      let twice = 0;
      for (const phaseMs of isQuick ? phasesMs.slice(0, 1) : phasesMs) {
        const scene = await Scene.open(pair, 3);
        try {
          const putsPerSecond = getsPerSecond / 2;
          const load: Work = { kind: "load", getsPerSecond, putsPerSecond, streams: 6, ms, timeoutMs };
          const [outcome] = await Promise.all([scene.client.do(load), sleep(2_000 + phaseMs).then(() => play(scene))]);
          for (const [name, count] of Object.entries(outcome.lost)) {
            lost[name] = (lost[name] ?? 0) + count;
          }
          for (const [status, count] of Object.entries(outcome.statuses)) {
            statuses[status] = (statuses[status] ?? 0) + count;
          }
          twice += await scene.twice();
        } finally {
          scene.close();
        }
      }
      const parts = Object.entries(lost).map(([name, count]) => `${count} ${count === 1 ? name : `${name}s`}`);
      const text = `${parts.length === 0 ? "none" : parts.join(", ")}${twice > 0 ? `; ${twice} Puts twice` : ""}`;
      return { text, lost, twice, statuses };
    },
  };
}

const PHASES_MS = [0, 170, 340];

/** The table, row by row. */
export const ROWS: readonly Row[] = [
  rateRow("one stream of 64 KiB messages, 50 ms round trip, MB/s", { kind: "stream", bytes: 65_536, ms: 3_000 }, true),
  rateRow(
    "1 MiB requests one at a time, 50 ms, MB/s",
    { kind: "rate", way: "up", bytes: MIB, lanes: 1, ms: 3_000 },
    true,
  ),
  rateRow(
    "1 MiB requests eight at a time, 50 ms, MB/s",
    { kind: "rate", way: "up", bytes: MIB, lanes: 8, ms: 3_000 },
    false,
  ),
  rateRow(
    "1 MiB responses one at a time, 50 ms, MB/s",
    { kind: "rate", way: "down", bytes: MIB, lanes: 1, ms: 3_000 },
    true,
  ),
  rateRow(
    "1 MiB responses eight at a time, 50 ms, MB/s",
    { kind: "rate", way: "down", bytes: MIB, lanes: 8, ms: 3_000 },
    false,
  ),
  rateRow("one stream of 64 KiB messages, 10 ms, MB/s", { kind: "stream", bytes: 65_536, ms: 3_000 }, false, {
    delayMs: 5,
  }),
  rateRow("one stream of 64 KiB messages, no delay, MB/s", { kind: "stream", bytes: 65_536, ms: 3_000 }, false, {}),
  lossRow("4 × 1 MB down over 300 kB/s", { kind: "once", way: "down", bytes: 1_000_000, calls: 4 }, true, {
    delayMs: 25,
    bytesPerSecond: 300_000,
  }),
  lossRow("4 × 1 MB up over 300 kB/s", { kind: "once", way: "up", bytes: 1_000_000, calls: 4 }, true, {
    delayMs: 25,
    bytesPerSecond: 300_000,
  }),
  lossRow("4 × 1 MB down over 60 kB/s", { kind: "once", way: "down", bytes: 1_000_000, calls: 4 }, false, {
    delayMs: 25,
    bytesPerSecond: 60_000,
  }),
  lossRow("4 × 1 MB up over 60 kB/s", { kind: "once", way: "up", bytes: 1_000_000, calls: 4 }, false, {
    delayMs: 25,
    bytesPerSecond: 60_000,
  }),
  lossRow("a unary call and a stream, silent for 30 s", { kind: "silent", ms: 30_000 }, true, {}),
  faultRow("six pauses of 4.5 s of all three backends: lost", false, {
    ms: 40_000,
    timeoutMs: 10_000,
    // What has waited has to be served in the 1.5 s between two pauses.
    getsPerSecond: 20,
    phasesMs: [0],
    play: async ({ servers }) => {
      for (let pause = 0; pause < 6; pause += 1) {
        for (const server of servers) {
          server.freeze();
        }
        await sleep(4_500);
        for (const server of servers) {
          server.goOn();
        }
        await sleep(1_500);
      }
    },
  }),
  faultRow("a backend freezes for 10 s: lost", true, {
    ms: 15_000,
    phasesMs: PHASES_MS,
    play: async ({ servers: [server] }) => {
      server?.freeze();
      await sleep(10_000);
      server?.goOn();
    },
  }),
  faultRow("a backend is cut off for 15 s: lost", false, {
    ms: 20_000,
    phasesMs: PHASES_MS,
    play: async ({ links: [link] }) => {
      link?.cut();
      await sleep(15_000);
      link?.mend();
    },
  }),
];
