import { type DescMessage, isMessage, type Message } from "@bufbuild/protobuf";
import type { Random } from "./random.js";

/**
 * Puts something into a field, or somewhere below it, that doesn't belong there. `undefined` and `null` are put into lists and
 * oneofs only: of singular fields, static codecs take them as absent, protobuf-es doesn't.
 *
 * @returns whether there was a field to spoil
 */
export function spoil(schema: DescMessage, message: Message, random: Random): boolean {
  const fields = message as Message & Record<string, unknown>;
  if (schema.fields.length === 0) {
    return false;
  }
  const field = random.pick(schema.fields);
  const oneof =
    field.oneof === undefined ? undefined : (fields[field.oneof.localName] as { case?: string; value?: unknown });
  const value = oneof === undefined ? fields[field.localName] : oneof.value;
  if (field.message !== undefined && isMessage(value, field.message) && random.oneIn(2)) {
    return spoil(field.message, value, random);
  }
  // An init shape within a message is another thing that static codecs take.
  const wrong = WRONG.filter((candidate) => candidate !== EMPTY || field.message === undefined);
  if (oneof !== undefined) {
    oneof.case = field.localName;
    oneof.value = random.pick([...wrong, undefined, null]);
  } else if (field.fieldKind === "list") {
    const list = value as unknown[];
    list.splice(random.below(list.length + 1), 0, random.pick([...wrong, undefined, null]));
  } else if (field.fieldKind === "map") {
    const record = value as Record<string, unknown>;
    if (random.oneIn(3)) {
      record[random.pick(["x", "1.5", "01", "true", "18446744073709551616", "-1"])] = Object.values(record)[0] ?? 1;
    } else {
      record[random.pick(["1", "true", ...Object.keys(record)])] = random.pick([...wrong, undefined, null]);
    }
  } else {
    fields[field.localName] = random.pick(wrong);
  }
  return true;
}

const EMPTY = {};

const WRONG: readonly unknown[] = [
  Number.NaN,
  1.5,
  -1,
  0,
  2 ** 32,
  -(2 ** 31) - 1,
  Infinity,
  1e39,
  "",
  "5",
  "-5",
  "x",
  "00",
  " 7",
  true,
  false,
  5n,
  -1n,
  0n,
  2n ** 63n,
  -(2n ** 63n) - 1n,
  2n ** 64n,
  EMPTY,
  [],
  { $typeName: "some.other.Message" },
  new Uint8Array(2),
  [1, 2],
  () => 1,
];
