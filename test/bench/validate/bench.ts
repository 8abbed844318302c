import { loadavg } from "node:os";
import { create, type Message } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { GeneratedValidators } from "../../validate/generated-validators.js";

const ROUNDS = Number(process.argv[2] ?? 9);

// Valid messages: what almost every request is.
const VALID: Readonly<Record<string, object>> = {
  Money: { currency: "CHF", units: 5n },
  Numbers: {
    ...{
      above: 11,
      between: 0n,
      apart: 5,
      atMost: 7n,
      below: -1,
      from: 3n,
      listed: 2,
      unlisted: 1n,
      same: 8,
      closed: 2n,
    },
    ...{ part: 0.5, finite: 2, outside: 10, yes: true, color: 1, fixedColor: 1, someColor: 0 },
  },
  Texts: {
    ...{ short: "abc", exact: "abc", bytesLong: "abc", byteExact: "abcd", code: "AB12", ends: 'a"bmz', oneOfFew: "x" },
    ...{ constant: "yes", email: "ada@example.com", hostname: "host.example" },
    ...{ uuid: "01234567-89ab-cdef-0123-456789abcdef", tuuid: "0123456789abcdef0123456789abcdef" },
    ...{
      ulid: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
      name: "acme.v1.Thing",
      data: new Uint8Array(2),
      exactData: new Uint8Array(2),
    },
  },
  Lists: { names: ["a", "b"], weights: [1, 2, 3], colors: [1, 2], numbers: [1n, 2n], flags: [true, false] },
};

const generated = await GeneratedValidators.generate();
process.stdout.write(`Node ${process.versions.node}, load ${(loadavg()[0] ?? 0).toFixed(1)}, ${ROUNDS} rounds\n`);
for (const [name, init] of Object.entries(VALID)) {
  measure(name, init);
}

function measure(name: string, init: object): void {
  const desc = generated.registry.getMessage(`rules.v1.${name}`);
  if (desc === undefined) {
    throw new Error(`There is no ${name}`);
  }
  const message = create(desc, init as never);
  const compiled = generated.find("rules/v1/rules_validate", `validate${name}`);
  const validator = createValidator();
  const interpreted = (checked: Message) => validator.validate(desc, checked).violations;
  for (const check of [compiled, interpreted]) {
    if (check(message) !== undefined) {
      throw new Error(`${name} isn't valid: ${JSON.stringify(check(message))}`);
    }
  }
  const rounds = Array.from({ length: ROUNDS + 2 }, () => [
    time(compiled, message, 200_000),
    time(interpreted, message, 10_000),
  ]);
  const [ours, theirs] = [0, 1].map((index) => median(rounds.slice(2).map((round) => round[index] ?? 0)));
  const ratio = median(rounds.slice(2).map(([a = 1, b = 0]) => b / a));
  process.stdout.write(
    `${name}: ${ours?.toFixed(3)} µs, protovalidate ${theirs?.toFixed(2)} µs: ${ratio.toFixed(0)} ×; ` +
      `${allocated(compiled, message).toFixed(2)} bytes a check, protovalidate ${allocated(interpreted, message).toFixed(0)}\n`,
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
