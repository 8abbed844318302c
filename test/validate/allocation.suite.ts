import { create, createFileRegistry, type Message } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { beforeAll, expect, it } from "vitest";
import { MESSAGES } from "../bench/validate/messages.js";
import { checksOf } from "./conformance.js";
import { compiled } from "./generated-validators.js";

// To go through a map whose keys are numbers makes a text of each: that is JavaScript's.
const WITH_NUMBERS_AS_KEYS = "bench.v1.BenchComplexSchema";

const files = compiled("test/validate/proto", "test/bench/validate/proto", "example/proto");
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }));
const names = Object.keys(MESSAGES).filter((name) => name !== WITH_NUMBERS_AS_KEYS);
let validators: Awaited<ReturnType<typeof checksOf>>;
beforeAll(async () => {
  validators = await checksOf(
    files,
    names.flatMap((name) => registry.getMessage(name) ?? []),
  );
});

const TIMES = 100_000;

/** Bytes by which the heap grew for each call; the least of some tries, as a collection or a compiler may come between. */
function growth(run: (message: Message) => unknown, message: Message): number {
  const tries = Array.from({ length: 8 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < TIMES; i++) {
      run(message);
    }
    return (process.memoryUsage().heapUsed - before) / TIMES;
  });
  return Math.min(...tries.map(Math.abs));
}

it("finds what is allocated", () => {
  const kept: unknown[] = [];
  const allocating = (message: Message) => {
    kept[0] = { message };
  };
  expect(growth(allocating, create(FileDescriptorSetSchema))).toBeGreaterThan(1);
});

it.each(names)("nothing is allocated for a valid %s", (name) => {
  const desc = registry.getMessage(name);
  if (desc === undefined) {
    return expect.unreachable();
  }
  const message = create(desc, MESSAGES[name] as never);
  const validate = validators(desc);
  expect(validate(message)).toBeUndefined();
  // The smallest object has 12 bytes.
  expect(growth(validate, message)).toBeLessThan(1);
});
