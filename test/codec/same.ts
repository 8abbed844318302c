import { deepStrictEqual } from "node:assert";
import type { DescMessage, Message, UnknownField } from "@bufbuild/protobuf";
import { isMessage } from "@bufbuild/protobuf";

/**
 * Fails unless two decoded messages can't be told apart: values, prototypes, own properties and their order. Unknown fields
 * may stand elsewhere among the properties.
 */
export function expectSame(schema: DescMessage, actual: Message, expected: Message): void {
  for (const message of [actual, expected]) {
    dropForgottenEnums(schema, message);
  }
  deepStrictEqual(actual, expected);
  expectSameOrder(actual, expected);
}

/**
 * Removes values of closed enums from the unknown fields if there are others: protobuf-es 2.17 keeps such values only where
 * there are none. Static codecs keep them all.
 */
function dropForgottenEnums(schema: DescMessage, message: unknown): void {
  if (!isMessage(message, schema)) {
    return;
  }
  const fields = message as Message & Record<string, unknown>;
  const closed = new Set(schema.fields.filter((field) => field.enum?.open === false).map(({ number }) => number));
  const others = message.$unknown?.filter(({ no }: UnknownField) => !closed.has(no)) ?? [];
  if (others.length > 0) {
    message.$unknown = others;
  }
  for (const field of schema.fields) {
    if (field.message === undefined) {
      continue;
    }
    const member = field.oneof === undefined ? undefined : (fields[field.oneof.localName] as { value?: unknown });
    const value = member === undefined ? fields[field.localName] : member.value;
    const isContainer = field.fieldKind === "list" || field.fieldKind === "map";
    for (const child of isContainer ? Object.values(value as object) : [value]) {
      dropForgottenEnums(field.message, child);
    }
  }
}

function expectSameOrder(actual: unknown, expected: unknown): void {
  if (typeof actual !== "object" || actual === null || typeof expected !== "object" || expected === null) {
    return;
  }
  if (actual instanceof Uint8Array) {
    return;
  }
  const keys = Object.keys(actual).filter((key) => key !== "$unknown");
  deepStrictEqual(
    keys,
    Object.keys(expected).filter((key) => key !== "$unknown"),
  );
  for (const key of keys) {
    expectSameOrder((actual as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key]);
  }
}

/** What a function returns, or the error that it throws. */
export function outcome<Value>(run: () => Value): { readonly value: Value } | { readonly error: ErrorText } {
  try {
    return { value: run() };
  } catch (error) {
    return { error: error instanceof Error ? { name: error.name, message: error.message } : { name: "", message: "" } };
  }
}

interface ErrorText {
  readonly name: string;
  readonly message: string;
}
