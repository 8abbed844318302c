import { headerField, rawFrame } from "../attack/raw-frames.js";
import type { Dice } from "./dice.js";
import { EMPTY_SETTINGS, PREFACE } from "./frames.js";
import { makeFrames, type Script } from "./script.js";

/** What no handler may ever see: it stands where a request's body is, or in a request that can be read in two ways. */
export const HIDDEN = "hidden";

const PATH = "/probe.v1.ProbeService";
const TYPES = [
  ...["application/json", "application/proto", "application/connect+json", "application/connect+proto"],
  ...["application/grpc-web+proto", "application/grpc-web+json", "application/grpc", "text/plain"],
] as [string, ...string[]];
const METHODS = ["Unary", "ClientStream", "ServerStream", "BidiStream", "Nothing"] as const;

/** A request of HTTP/1.1. */
function request(lines: readonly string[], body: string, method = "POST", path = `${PATH}/Unary`): string {
  return `${[`${method} ${path} HTTP/1.1`, "host: test", ...lines].join("\r\n")}\r\n\r\n${body}`;
}

const json = (body: string, ...lines: readonly string[]): string =>
  request(["content-type: application/json", ...lines, `content-length: ${body.length}`], body);

const chunks = (...parts: readonly string[]): string =>
  [...parts, ""].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("");

const chunked = (body: string, ...lines: readonly string[]): string =>
  request(["content-type: application/json", ...lines, "transfer-encoding: chunked"], body);

const envelope = (message: string): string => `\0\0\0\0${String.fromCharCode(message.length)}${message}`;

/** Requests as clients send them, whole. */
function lawful(dice: Dice): string {
  const type = dice.pick(TYPES);
  const body = /connect\+|grpc/.test(type) ? envelope(dice.pick(["{}", ""])) : dice.pick(["{}", '{"id":"a"}', ""]);
  const path = `${PATH}/${dice.pick(METHODS)}`;
  const lines = [`content-type: ${type}`, ...(dice.chance(0.2) ? ["connect-timeout-ms: 20"] : [])];
  return dice.pick([
    request([...lines, `content-length: ${body.length}`], body, "POST", path),
    request([...lines, "transfer-encoding: chunked"], chunks(...body), "POST", path),
    request([], "", dice.pick(["GET", "HEAD", "OPTIONS"]), `${path}?encoding=json&message=%7B%7D`),
    request(["expect: 100-continue", ...lines, `content-length: ${body.length}`], body, "POST", path),
    request(["origin: https://a.example", "access-control-request-method: POST"], "", "OPTIONS", path),
  ]);
}

/** The request that hides. */
const INNER = json(`{"id":"${HIDDEN}"}`);

/** Requests in which another one hides: whole in a body, or behind a length that two servers read in two ways. */
export const SMUGGLED: readonly [string, ...string[]] = [
  json(INNER),
  chunked(chunks(INNER)),
  chunked(chunks(...(INNER.match(/[\s\S]{1,7}/g) ?? []))),
  request(["content-length: 2", "transfer-encoding: chunked"], `0\r\n\r\n${INNER}`),
  chunked(`0\r\n\r\n${INNER}`, `content-length: ${5 + INNER.length}`),
  request(["content-length: 0", `content-length: ${INNER.length}`], INNER),
  chunked(`0\r\n\r\n${INNER}`, "transfer-encoding: identity"),
  request(["transfer-encoding: xchunked"], `0\r\n\r\n${INNER}`),
  request(["transfer-encoding : chunked"], `0\r\n\r\n${INNER}`),
  request(["x: a", " transfer-encoding: chunked"], `0\r\n\r\n${INNER}`),
  request([`content-length: +${INNER.length}`], INNER),
  request([`content-length: 0x${INNER.length.toString(16)}`], INNER),
  request([`content-length: 0, ${INNER.length}`], INNER),
  chunked(`0x0\r\n\r\n${INNER}`),
  chunked(`-1\r\n\r\n${INNER}`),
  chunked(`ffffffffffffffff0\r\n${INNER}`),
];
/** Bodies in chunks as nobody cuts them. */
function chunkNoise(dice: Dice): string {
  return chunked(
    dice.pick([
      '2;a=b;c="d"\r\n{}\r\n0\r\n\r\n',
      `${"0".repeat(400)}2\r\n{}\r\n0\r\n\r\n`,
      "2\r\n{}0\r\n\r\n",
      "2\n{}\n0\n\n",
      "fffffffe\r\n{}",
      "g\r\n{}",
      `2;${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
      "0\r\nx-trailer: a\r\n\r\n",
      `0\r\n${"x-trailer: a\r\n".repeat(3_000)}\r\n`,
      "2\r\n{}\r\n",
    ]),
  );
}

/** Headers as nobody writes them. */
function headerNoise(dice: Dice): string {
  const line = dice.pick([
    `x: ${"a".repeat(20_000)}`,
    `${"x".repeat(5_000)}: a`,
    "no colon",
    ": no name",
    "x: a\0b",
    "x:\ra",
    "connection: upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__",
    "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: eA==",
    "content-encoding: gzip",
    "content-encoding: nothing",
    "connect-timeout-ms: -1",
    "host: another",
    Array.from({ length: 3_000 }, (_, index) => `x-${index}: a`).join("\r\n"),
  ]);
  return json("{}", line);
}

/** A connection that begins as one protocol and goes on as another. */
function mixed(dice: Dice): string {
  const preface = PREFACE.toString("latin1");
  const half = preface.slice(0, dice.whole(1, preface.length - 1));
  return dice.pick([
    half,
    half + json("{}"),
    half + preface,
    preface + json("{}"),
    json("{}") + preface + EMPTY_SETTINGS.toString("latin1"),
    `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${json("{}")}`,
    request([], "", "CONNECT", "db:5432"),
    request([], "", "PRI", "*"),
    "\r\n\r\n",
  ]);
}

function anyBytes(dice: Dice): string {
  return String.fromCharCode(...Array.from({ length: dice.whole(1, 300) }, () => dice.whole(0, 255)));
}

/** Some requests, and noise; sometimes cut off, and sometimes with bytes that changed on the way. */
function http1(dice: Dice): Buffer[] {
  const kinds = [lawful, lawful, lawful, chunkNoise, headerNoise, mixed, anyBytes] as const;
  const parts = Array.from({ length: dice.whole(1, 5) }, () => dice.pick<(dice: Dice) => string>([...kinds])(dice));
  const all = Buffer.from(parts.join(""), "latin1");
  for (let flips = dice.pick([0, 0, 0, 1, 5]); flips > 0 && all.byteLength > 0; flips -= 1) {
    all[dice.whole(0, all.byteLength - 1)] = dice.whole(0, 255);
  }
  return [dice.chance(0.3) ? all.subarray(0, dice.whole(0, all.byteLength)) : all];
}

/** Calls of Connect and gRPC-Web by HTTP/2, with bodies that are none, and any frames behind them. */
function http2(dice: Dice): Buffer[] {
  const frames: Buffer[] = [PREFACE, EMPTY_SETTINGS];
  for (let stream = 1; stream < 2 * dice.whole(1, 6); stream += 2) {
    const fields = [
      [":method", dice.pick(["POST", "POST", "POST", "GET", "OPTIONS", "CONNECT"])],
      [":scheme", "http"],
      [":path", `${PATH}/${dice.pick(METHODS)}${dice.pick(["", "", "?encoding=json&message={}", "?%"])}`],
      [":authority", "test"],
      ["content-type", dice.pick(TYPES)],
      ...(dice.chance(0.2) ? [["content-length", dice.pick(["0", "2", "9999999"])]] : []),
      ...(dice.chance(0.1) ? [["transfer-encoding", "chunked"]] : []),
    ] as [string, string][];
    const block = Buffer.concat(fields.map(([name, value]) => headerField(name, value)));
    frames.push(rawFrame(1, dice.chance(0.2) ? 5 : 4, stream, block));
    const body = dice.pick(["{}", envelope("{}"), envelope(""), `\x01\0\0\0\x02{}`, "\0\xff\xff\xff\xff", json("{}")]);
    frames.push(rawFrame(0, dice.chance(0.7) ? 1 : 0, stream, Buffer.from(body, "latin1")));
    frames.push(...(dice.chance(0.3) ? makeFrames("server", dice, stream, 3) : []));
  }
  return frames;
}

/** What a peer does on one connection to a server that speaks HTTP/1.1 and HTTP/2 at one port. It is the same for the same dice. */
export function makeWebScript(dice: Dice): Script {
  const kind = dice.pick(["http1", "http1", "http2", "smuggled"]);
  const frames =
    kind === "http2" ? http2(dice) : kind === "http1" ? http1(dice) : [Buffer.from(dice.pick(SMUGGLED), "latin1")];
  return {
    reads: dice.chance(0.85),
    first: Buffer.alloc(0),
    waitMs: 0,
    frames,
    cut: dice.pick(["together", "together", "apart", "bytes"]),
    leave: dice.pick(["end", "destroy", "reset"]),
    stayMs: dice.pick([0, 2, 5, 20, 60]),
  };
}
