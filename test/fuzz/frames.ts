import { headerField, rawFrame } from "../attack/raw-frames.js";
import type { Dice } from "./dice.js";

/** Which side of a connection the frames are a peer's of. */
export type Side = "server" | "client";

const TYPE = {
  ...{ data: 0, headers: 1, priority: 2, reset: 3, settings: 4, pushPromise: 5, ping: 6, goAway: 7 },
  ...{ windowUpdate: 8, continuation: 9, altSvc: 10, origin: 12 },
} as const;
const FLAG = { ack: 1, endStream: 1, endHeaders: 4, padded: 8 } as const;

/** What a client begins a connection with, before its SETTINGS. */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const METHODS = ["Unary", "ClientStream", "ServerStream", "BidiStream"] as const;
const CODES = [0, 1, 2, 3, 5, 7, 8, 11, 99] as const;
const LARGEST = 2 ** 31 - 1;

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function fields(...pairs: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(pairs.map(([name, value]) => headerField(name, value)));
}

/** A gRPC message, with a length that may lie. */
function message(dice: Dice): Buffer {
  const body = Buffer.alloc(dice.pick([0, 0, 3, 40, 9000]), dice.pick([0, 0x0a, 0xff]));
  const length = dice.chance(0.9) ? body.length : dice.pick([0, 1, 70, 2 ** 22, 2 ** 32 - 1]);
  return Buffer.concat([Buffer.from([dice.pick([0, 0, 0, 0, 1, 2])]), number32(length), body]);
}

function settings(...entries: readonly (readonly [number, number])[]): Buffer {
  const payload = entries.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), number32(value)]));
  return rawFrame(TYPE.settings, 0, 0, Buffer.concat(payload));
}

function windowUpdate(stream: number, by: number): Buffer {
  return rawFrame(TYPE.windowUpdate, 0, stream, number32(by));
}

export const EMPTY_SETTINGS = settings();

/** What lets the other side send without end. */
export const OPEN_WINDOWS = Buffer.concat([settings([4, LARGEST]), windowUpdate(0, 2 ** 30)]);

/** The headers that begin a call, or its answer. */
export function firstHeaders(side: Side, dice: Dice, stream: number, method = dice.pick(METHODS)): Buffer {
  const block =
    side === "server"
      ? fields(
          [":method", dice.chance(0.95) ? "POST" : "GET"],
          [":scheme", "http"],
          [":path", `/probe.v1.ProbeService/${method}`],
          [":authority", "test"],
          ["content-type", "application/grpc"],
          ["te", "trailers"],
          ...(dice.chance(0.2) ? [["grpc-timeout", dice.pick(["50m", "1n", "9H"])] as const] : []),
        )
      : fields([":status", dice.pick(["200", "200", "200", "503", "100"])], ["content-type", "application/grpc"]);
  return rawFrame(TYPE.headers, FLAG.endHeaders | (dice.chance(0.15) ? FLAG.endStream : 0), stream, block);
}

/** The headers behind the messages: whole, or with a field that may not be there. */
function trailers(side: Side, dice: Dice, stream: number): Buffer {
  const lawful = side === "server" ? fields(["x-a", "b"]) : fields(["grpc-status", dice.pick(["0", "14", "99"])]);
  const strange = dice.pick([fields([":path", "/"]), fields([":status", "200"]), fields(["X-UPPER", "a"])]);
  const block = dice.chance(0.6) ? lawful : Buffer.concat([lawful, strange]);
  return rawFrame(TYPE.headers, dice.pick([5, 5, 1, 4, 0]), stream, block);
}

type MakeFrame = (side: Side, dice: Dice, stream: number) => Buffer;

/** Each kind of frame that HTTP/2 has, and some that it hasn't. */
const KINDS: readonly [MakeFrame, ...MakeFrame[]] = [
  firstHeaders,
  firstHeaders,
  firstHeaders,
  trailers,
  trailers,
  (_side, dice, stream) => rawFrame(TYPE.data, 0, stream, message(dice)),
  (_side, dice, stream) => rawFrame(TYPE.data, FLAG.endStream, stream, message(dice)),
  (_side, dice, stream) => rawFrame(TYPE.data, FLAG.endStream, stream, message(dice).subarray(0, dice.whole(0, 6))),
  (_side, dice, stream) =>
    rawFrame(TYPE.data, FLAG.padded, stream, Buffer.concat([Buffer.from([dice.pick([0, 3, 200])]), message(dice)])),
  (_side, dice, stream) => rawFrame(TYPE.reset, 0, stream, number32(dice.pick(CODES))),
  () => EMPTY_SETTINGS,
  (_side, dice) => settings([dice.whole(1, 6), dice.pick([0, 1, 100, 16384, 65536, LARGEST, 2 ** 32 - 1])]),
  () => rawFrame(TYPE.settings, FLAG.ack, 0, Buffer.alloc(0)),
  (_side, dice) => rawFrame(TYPE.ping, dice.pick([0, FLAG.ack]), 0, Buffer.alloc(8)),
  (_side, dice) =>
    rawFrame(TYPE.goAway, 0, 0, Buffer.concat([number32(dice.pick([0, 1, LARGEST])), number32(dice.pick(CODES))])),
  (_side, dice, stream) => windowUpdate(dice.pick([0, stream]), dice.pick([0, 1, 65535, 2 ** 20, LARGEST])),
  (_side, dice, stream) => rawFrame(TYPE.priority, 0, stream, Buffer.from([0, 0, 0, dice.pick([0, stream & 255]), 16])),
  (side, dice, stream) => {
    const block = firstHeaders(side, dice, stream).subarray(9);
    return rawFrame(TYPE.headers, 0, stream, block.subarray(0, dice.whole(0, block.length)));
  },
  (_side, dice, stream) => rawFrame(TYPE.continuation, dice.pick([0, 4]), stream, fields(["x-c", "d"])),
  (_side, _dice, stream) =>
    rawFrame(TYPE.pushPromise, FLAG.endHeaders, stream, Buffer.concat([number32(2), fields([":method", "GET"])])),
  (_side, dice, stream) =>
    rawFrame(dice.pick([TYPE.altSvc, TYPE.origin, 77]), 0, dice.pick([0, stream]), Buffer.alloc(9)),
  (_side, dice, stream) =>
    rawFrame(dice.whole(0, 9), dice.whole(0, 255), stream, Buffer.alloc(dice.whole(0, 12), dice.whole(0, 255))),
];

/** A frame of any kind on this stream or on another, or those of a lawful call. */
export function anyFrames(side: Side, dice: Dice, stream: number): Buffer[] {
  if (dice.chance(0.2)) {
    const ends =
      side === "server" ? rawFrame(TYPE.data, FLAG.endStream, stream, message(dice)) : trailers(side, dice, stream);
    return [firstHeaders(side, dice, stream), ends];
  }
  const on = dice.chance(0.85) ? stream : dice.pick([0, 2, stream + 2, LARGEST]);
  return [dice.pick(KINDS)(side, dice, on)];
}
