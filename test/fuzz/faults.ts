import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { RawHttp2 } from "../../runtime/test-support/raw-http2.js";
import { headerField, rawFrame } from "../attack/raw-frames.js";
import type { ChildProcess } from "../e2e/child-process.js";
import { OPEN_WINDOWS, PREFACE } from "./frames.js";
import { startServer } from "./subject.js";

/** A fault of Node's that ends a process, and what keeps it from that. */
export interface Fault {
  readonly name: string;
  /** The file without which the process dies. */
  readonly file: string;
  /** Where it does. What a later release of these versions does is told, and no failure. */
  readonly majors: readonly number[];
  /** What a peer writes at first, and when the server can send no more to anybody. Then it leaves. */
  readonly first: Buffer;
  readonly last: Buffer | undefined;
}

const PATH = "/probe.v1.ProbeService";

const UNREAD_CALL = Buffer.concat([PREFACE, OPEN_WINDOWS, RawHttp2.headers(`${PATH}/BidiStream`)]);

export const FAULTS: readonly Fault[] = [
  {
    name: "GOAWAY with a code, HEADERS and DATA in one packet",
    file: "fault-poisoned-goaway",
    majors: [22],
    first: poisonedGoAway(),
    last: undefined,
  },
  {
    name: "trailers without END_HEADERS on a stream that nobody reads",
    file: "end-after-streams",
    majors: [26],
    first: UNREAD_CALL,
    last: rawFrame(1, 1, 1, headerField("x-a", "b")),
  },
  {
    name: "trailers with a pseudo header on a stream that nobody reads",
    file: "end-after-streams",
    majors: [26],
    first: UNREAD_CALL,
    last: rawFrame(1, 5, 1, Buffer.concat([headerField("x-a", "b"), headerField(":path", "/b")])),
  },
  {
    name: "the same, and a reset of the stream",
    file: "end-after-streams",
    majors: [26],
    first: UNREAD_CALL,
    last: Buffer.concat([
      rawFrame(1, 5, 1, Buffer.concat([headerField("x-a", "b"), headerField(":path", "/b")])),
      RawHttp2.reset(1, 8),
    ]),
  },
];

function poisonedGoAway(): Buffer {
  const goAway = RawHttp2.goAway(0);
  // The error code: PROTOCOL_ERROR.
  goAway.writeUInt32BE(1, 13);
  const call = [RawHttp2.headers(`${PATH}/Unary`), RawHttp2.emptyMessage(), RawHttp2.halfClose()];
  return Buffer.concat([PREFACE, RawHttp2.settings(), goAway, ...call]);
}

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
    for (let round = 0; round < ROUNDS; round += 1) {
      const opened = await Promise.all(Array.from({ length: PEERS }, connection));
      const sockets = opened.filter((socket) => socket !== undefined);
      for (const socket of sockets) {
        socket.pause();
        socket.write(fault.first);
      }
      if (fault.last !== undefined) {
        await allSent(process);
        for (const socket of sockets) {
          socket.write(fault.last);
        }
      }
      await delay(50);
      for (const socket of sockets) {
        socket.destroy();
      }
      await delay(50);
      await process.ask("memory");
    }
    await process.ask("end");
    return (await process.exited).code === 0;
  } catch {
    return false;
  } finally {
    await process.kill();
  }
}

const PEERS = 5;
const ROUNDS = 4;

/** Waits until the server has no room for another message. */
async function allSent(process: ChildProcess): Promise<void> {
  let before = -1;
  let sent = 0;
  while (sent === 0 || sent !== before) {
    before = sent;
    await delay(300);
    sent = await process.ask<number>("sent");
  }
}
