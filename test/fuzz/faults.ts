import { execFileSync } from "node:child_process";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { RawHttp2 } from "../../runtime/test-support/raw-http2.js";
import { headerField, rawFrame } from "../attack/raw-frames.js";
import { OPEN_WINDOWS, PREFACE } from "./frames.js";
import { startServer } from "./subject.js";

/** A fault of Node's that ends a process, and what keeps it from that. */
export interface Fault {
  readonly name: string;
  /** The file without which the process dies. */
  readonly file: string;
  /** Where it does. What a later release of these versions does is told, and no failure. */
  readonly majors: readonly number[];
  /** What a peer does that is to die of it. Returns once it has left. */
  play(socket: Socket): Promise<void>;
  readonly times: number;
}

const PATH = "/probe.v1.ProbeService";

export const FAULTS: readonly Fault[] = [
  {
    name: "GOAWAY with a code, HEADERS and DATA in one packet",
    file: "fault-poisoned-goaway",
    majors: [22],
    times: 20,
    async play(socket) {
      const goAway = RawHttp2.goAway(0);
      // The error code: PROTOCOL_ERROR.
      goAway.writeUInt32BE(1, 13);
      const call = [RawHttp2.headers(`${PATH}/Unary`), RawHttp2.emptyMessage(), RawHttp2.halfClose()];
      socket.end(Buffer.concat([PREFACE, RawHttp2.settings(), goAway, ...call]));
      socket.resume();
      await delay(20);
    },
  },
  ...(["without END_HEADERS", "with a pseudo header"] as const).map((how) => ({
    name: `trailers ${how} on a stream that nobody reads`,
    file: "socket-first",
    majors: [26],
    times: 15,
    async play(socket: Socket) {
      socket.pause();
      socket.write(Buffer.concat([PREFACE, OPEN_WINDOWS, RawHttp2.headers(`${PATH}/BidiStream`)]));
      await delay(250);
      const isCut = how === "without END_HEADERS";
      const block = [headerField("x-a", "b"), ...(isCut ? [] : [headerField(":path", "/b")])];
      socket.write(rawFrame(1, isCut ? 1 : 5, 1, Buffer.concat(block)));
      await delay(20);
      socket.destroy();
      await delay(20);
    },
  })),
];

/** What became of a fault on one Node, with the file and without it. */
export interface FaultReport {
  readonly version: string;
  readonly lines: string;
  readonly isWrong: boolean;
}

/** Shows that a server dies without the file, and lives with it. */
export async function showFault(fault: Fault, node: string): Promise<FaultReport> {
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  const isKnown = fault.majors.some((major) => version.startsWith(`v${major}.`));
  const lives = await survives(fault, node, []);
  const livesWithout = isKnown ? await survives(fault, node, [fault.file]) : undefined;
  const without = livesWithout === undefined ? "" : `, ${livesWithout ? "lives" : "dies"} without ${fault.file}.ts`;
  return { version, lines: `${lives ? "lives" : "DIES"}${without}`, isWrong: !lives || livesWithout === true };
}

async function survives(fault: Fault, node: string, without: readonly string[]): Promise<boolean> {
  const { process, connection } = await startServer({ node, without });
  try {
    let played = 0;
    const peers = Array.from({ length: 5 }, async () => {
      while (played < fault.times) {
        played += 1;
        const socket = await connection();
        if (socket !== undefined) {
          await fault.play(socket);
        }
      }
    });
    await Promise.all(peers);
    await process.ask("memory");
    await process.ask("end");
    return (await process.exited).code === 0;
  } catch {
    return false;
  } finally {
    await process.kill();
  }
}
