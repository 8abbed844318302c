import { loadavg } from "node:os";
import { create, createFileRegistry, type Message } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import { checksOf } from "../../validate/conformance.js";
import { compiled } from "../../validate/generated-validators.js";
import { MESSAGES } from "./messages.js";

const ROUNDS = Number(process.argv[2] ?? 9);

const files = compiled("test/validate/proto", "test/bench/validate/proto", "example/proto");
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }));
const types = Object.keys(MESSAGES).flatMap((name) => registry.getMessage(name) ?? []);
const validators = await checksOf(files, types);
process.stdout.write(`Node ${process.versions.node}, load ${(loadavg()[0] ?? 0).toFixed(1)}, ${ROUNDS} rounds\n`);
for (const [name, init] of Object.entries(MESSAGES)) {
  measure(name, init);
}

function measure(name: string, init: object): void {
  const desc = registry.getMessage(name);
  if (desc === undefined) {
    throw new Error(`There is no ${name}`);
  }
  const message = create(desc, init as never);
  const generated = validators(desc);
  const validator = createValidator();
  const interpreted = (checked: Message) => validator.validate(desc, checked).violations;
  for (const check of [generated, interpreted]) {
    if (check(message) !== undefined) {
      throw new Error(`${name} isn't valid`);
    }
  }
  const rounds = Array.from({ length: ROUNDS + 2 }, () => [
    time(generated, message, 100_000),
    time(interpreted, message, 5_000),
  ]);
  const [ours, theirs] = [0, 1].map((index) => median(rounds.slice(2).map((round) => round[index] ?? 0)));
  const ratio = median(rounds.slice(2).map(([a = 1, b = 0]) => b / a));
  process.stdout.write(
    `${name}: ${ours?.toFixed(3)} µs, protovalidate ${theirs?.toFixed(2)} µs: ${ratio.toFixed(0)} ×; ` +
      `${allocated(generated, message).toFixed(2)} bytes a check, protovalidate ${allocated(interpreted, message).toFixed(0)}\n`,
  );
}

/** Microseconds of processor time. */
function time(check: (message: Message) => unknown, message: Message, times: number): number {
  const { user } = process.cpuUsage();
  for (let i = 0; i < times; i++) {
    check(message);
  }
  return (process.cpuUsage().user - user) / times;
}

/** Bytes on the heap, as far as no collection runs meanwhile. */
function allocated(check: (message: Message) => unknown, message: Message): number {
  const times = 20_000;
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < times; i++) {
    check(message);
  }
  return (process.memoryUsage().heapUsed - before) / times;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
