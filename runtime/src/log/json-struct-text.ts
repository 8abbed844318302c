import { ScalarType } from "@bufbuild/protobuf";
import { floatText, quoted, scalarText } from "./scalar-text.js";
import { MAX_DEPTH } from "./text-context.js";
import type { TextWriter } from "./text-writer.js";

// protobuf-es has JSON in place of `google.protobuf.Struct`. The text is the same as of the messages that it stands for.

/** Writes the fields of a `google.protobuf.Struct`. */
export function writeJsonFields(out: TextWriter, json: object, depth: number): void {
  for (const key in json) {
    if (out.full) {
      return;
    }
    out.write(`fields { key: ${scalarText(ScalarType.STRING, key, out.limit)} value {`);
    writeJsonValue(out, (json as Readonly<Record<string, unknown>>)[key], depth);
    out.write("} }");
  }
}

function writeJsonValue(out: TextWriter, value: unknown, depth: number): void {
  switch (typeof value) {
    case "string":
      out.write(`string_value: ${quoted(value, out.limit)}`);
      return;
    case "number":
      out.write(`number_value: ${floatText(value)}`);
      return;
    case "boolean":
      out.write(`bool_value: ${value}`);
      return;
    case "object":
      writeJsonObject(out, value, depth);
      return;
    default:
    // A handler's mistake: there is no such value.
  }
}

function writeJsonObject(out: TextWriter, value: object | null, depth: number): void {
  if (value === null) {
    out.write("null_value: NULL_VALUE");
  } else if (Array.isArray(value)) {
    out.write("list_value {");
    writeItems(out, value, depth);
    out.write("}");
  } else {
    out.write("struct_value {");
    if (depth < MAX_DEPTH) {
      writeJsonFields(out, value, depth + 1);
    }
    out.write("}");
  }
}

function writeItems(out: TextWriter, items: readonly unknown[], depth: number): void {
  if (depth >= MAX_DEPTH) {
    return;
  }
  for (const item of items) {
    if (out.full) {
      return;
    }
    out.write("values {");
    writeJsonValue(out, item, depth + 1);
    out.write("}");
  }
}
