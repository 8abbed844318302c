import { type DescField, type DescMessage, isMessage, type Message } from "@bufbuild/protobuf";
import type { Random } from "./random.js";

/**
 * What someone could write instead of a message: without type names, and here and there without empty fields, or with
 * `undefined` in their place.
 */
export function initShapeOf(schema: DescMessage, message: Message, random: Random): Record<string, unknown> {
  const fields = message as Message & Record<string, unknown>;
  // With a prototype, protobuf-es takes what every object inherits for fields of the same name.
  const hasInherited = schema.members.some(({ localName }) => localName in Object.prototype);
  const init: Record<string, unknown> = hasInherited || random.oneIn(2) ? Object.create(null) : {};
  for (const member of schema.members) {
    const value = fields[member.localName];
    if (member.kind === "oneof") {
      const chosen = value as { case?: string; value?: unknown };
      const field = member.fields.find(({ localName }) => localName === chosen.case);
      if (field !== undefined) {
        init[member.localName] = { case: chosen.case, value: childInit(field, chosen.value, random) };
      } else if (random.oneIn(2)) {
        init[member.localName] = { case: undefined };
      }
    } else if (Object.hasOwn(fields, member.localName) && !(isEmpty(value) && random.oneIn(2))) {
      init[member.localName] = fieldInit(member, value, random);
    } else if (random.oneIn(3)) {
      init[member.localName] = random.pick([undefined, null]);
    }
  }
  return init;
}

function fieldInit(field: DescField, value: unknown, random: Random): unknown {
  switch (field.fieldKind) {
    case "list":
      return (value as unknown[]).map((item) => childInit(field, item, random));
    case "map":
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, childInit(field, item, random)]),
      );
    default:
      return childInit(field, value, random);
  }
}

function childInit({ message }: DescField, value: unknown, random: Random): unknown {
  // A whole message can stand among init shapes.
  return message !== undefined && isMessage(value, message) && !random.oneIn(4)
    ? initShapeOf(message, value, random)
    : value;
}

function isEmpty(value: unknown): boolean {
  return value === "" || value === 0 || value === 0n || value === false || (Array.isArray(value) && value.length === 0);
}
