import type { Token, TokenReader } from "./proto-tokens.js";

// The value of an option as it is written, in protobuf's text format, without what it means:
//
//     call: { timeout: "5s" retry {} }, raises: ["A", "B"], log: [{ path: "id" }]

/** A value of an option where it is written. A field that is written several times is there several times. */
export interface WrittenValue {
  /** Where it is pointed at: the value itself, in a list; else the name of its field. */
  readonly token: Token;
  /** A scalar's text, as it stands. */
  readonly text: string;
  /** A message's fields, in their order; empty for scalars. */
  readonly fields: readonly WrittenField[];
}

export interface WrittenField {
  /** An extension's full name, or that of the message in an `Any`, is in brackets. */
  readonly name: string;
  /** One value, or those of a list: `["A", "B"]`. */
  readonly values: readonly WrittenValue[];
}

/** Reads a message's fields, to its end. The opening bracket has been read. */
function readFields(reader: TokenReader, end: string): WrittenField[] {
  const fields: WrittenField[] = [];
  while (!reader.atEnd && !reader.skip(end)) {
    if (reader.skip(",", ";")) {
      continue;
    }
    const token = reader.peek();
    const name = readName(reader);
    reader.skip(":");
    fields.push({ name, values: readValues(reader, token) });
  }
  return fields;
}

function readName(reader: TokenReader): string {
  const { text } = reader.read();
  return text === "[" ? `[${readUntil(reader, "]")}]` : text;
}

function readUntil(reader: TokenReader, end: string): string {
  let text = "";
  while (!reader.atEnd && !reader.skip(end)) {
    text += reader.read().text;
  }
  return text;
}

/**
 * Reads what stands behind a name: one value, or a list of them.
 *
 * @param name what a single value is pointed at by
 */
export function readValues(reader: TokenReader, name: Token): WrittenValue[] {
  if (!reader.skip("[")) {
    return [readValue(reader, name)];
  }
  const values: WrittenValue[] = [];
  while (!reader.atEnd && !reader.skip("]")) {
    if (!reader.skip(",")) {
      values.push(readValue(reader, reader.peek()));
    }
  }
  return values;
}

function readValue(reader: TokenReader, token: Token): WrittenValue {
  if (reader.skip("{")) {
    return { token, text: "", fields: readFields(reader, "}") };
  }
  if (reader.skip("<")) {
    return { token, text: "", fields: readFields(reader, ">") };
  }
  const first = reader.read();
  let { text } = first;
  if (first.kind === "string") {
    // Strings beside each other are one.
    while (reader.peek().kind === "string") {
      text += reader.read().text;
    }
  } else {
    // A sign stands before its number, a dot in it: `-1.5`.
    while ((text === "-" || text === "+" || reader.sees(".") || text.endsWith(".")) && !reader.atEnd) {
      text += reader.read().text;
    }
  }
  return { token, text, fields: [] };
}
