import { closeSync, openSync, writeSync } from "node:fs";
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { pino } from "pino";
import { CallLog, loggedMethod, logSettings } from "../../../runtime/src/call/call-log.js";
import { GuardedLogger } from "../../../runtime/src/log/guarded-logger.js";
import { JsonLogger } from "../../../runtime/src/log/json-logger.js";
import { LineBuffer } from "../../../runtime/src/log/line-buffer.js";
import type { Logger } from "../../../runtime/src/log/logger.js";
import { DEFAULT_PAYLOAD_LIMIT, payloadText } from "../../../runtime/src/log/payload-text.js";
import { Status } from "../../../runtime/src/wire/status.js";
import {
  EverythingSchema,
  ProbeRequestSchema,
  ProbeResponseSchema,
  ProbeService,
} from "../../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { payloads } from "./payloads.js";

const ROUNDS = Number(process.env.ROUNDS ?? 15);
const CALLS = 20_000;
const MOST_MILLISECONDS = 2;

const slow = benchPayloads();
await benchLines();
if (slow.length > 0) {
  process.stderr.write(`\nSlower than ${MOST_MILLISECONDS} ms: ${slow.join(", ")}\n`);
  process.exitCode = 1;
}

/** Returns the names of payloads that took too long. */
function benchPayloads(): string[] {
  const messages = payloads();
  const times = new Map([...messages.keys()].map((name) => [name, [] as number[]]));
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const [name, message] of messages) {
      const used = processorMilliseconds(() => payloadText(EverythingSchema, message));
      if (round >= 0) {
        times.get(name)?.push(used);
      }
    }
  }
  const medians = [...times].map(([name, all]) => [name, median(all)] as const);
  process.stdout.write("milliseconds for the text of a payload of 4 MiB\n");
  for (const [name, milliseconds] of medians) {
    process.stdout.write(`  ${name.padEnd(32)} ${milliseconds.toFixed(3)}\n`);
  }
  return medians.filter(([, milliseconds]) => milliseconds > MOST_MILLISECONDS).map(([name]) => name);
}

async function benchLines(): Promise<void> {
  const file = openSync("/dev/null", "w");
  const buffer = new LineBuffer((bytes, from) => writeSync(file, bytes, from));
  const loggers = {
    default: new JsonLogger(buffer, "info"),
    pino: pino({ level: "info" }, pino.destination({ dest: "/dev/null", sync: true })),
    none: pino({ level: "silent" }),
  };
  const times = { default: [] as number[], pino: [] as number[], none: [] as number[] };
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const name of ["default", "pino", "none"] as const) {
      const used = await microsecondsPerCall(loggers[name]);
      if (round >= 0) {
        times[name].push(used);
      }
    }
  }
  closeSync(file);
  const [own, others, none] = [median(times.default), median(times.pino), median(times.none)];
  process.stdout.write(
    `\nmicroseconds for the two lines of a call, texts of payloads included (${none.toFixed(2)} without lines)\n` +
      `  default logger ${own.toFixed(2)}\n  pino ${others.toFixed(2)}\n` +
      `  ratio, less what is there without lines: ${((own - none) / (others - none)).toFixed(2)}\n`,
  );
}

async function microsecondsPerCall(logger: Logger): Promise<number> {
  const method = loggedMethod(ProbeService.method.unary as DescMethod);
  const request = create(ProbeRequestSchema, { id: "r-1", action: "transfer", count: 500n, nested: { name: "n" } });
  const response = create(ProbeResponseSchema, { id: "r-1", count: 500n });
  const settings = logSettings(new GuardedLogger(logger), DEFAULT_PAYLOAD_LIMIT);
  const caller = {
    peer: "10.0.3.7:51234",
    requestMetadata: undefined,
    requestId: "0b0e7c5e-9f5a-4b0f-8f1a-3f1a2b3c4d5e",
  };
  const context = { request: (message: Message) => ({ amount: (message as typeof request).count }) };
  const before = process.cpuUsage();
  for (let i = 0; i < CALLS; i += 1) {
    const log = new CallLog(method, settings, caller, context);
    log.request(request);
    log.answer(response);
    log.response({ status: Status.OK, level: "info", durationMs: 3.123, requests: 1, responses: 1 });
    if (i % 20 === 19) {
      // About as many calls as a busy server ends in a tick.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

function processorMilliseconds(body: () => void): number {
  const before = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
