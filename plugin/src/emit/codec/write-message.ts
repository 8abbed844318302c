import { type DescField, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import { propertyAccess, stringLiteral } from "../typescript/text.js";
import type { Printable } from "../typescript/typescript-file.js";
import { type CodecMessage, entryNames } from "./codec-plan.js";
import type { CodecPrinter } from "./codec-printer.js";
import { ifAll, parentheses } from "./one-line.js";
import { hasPrototype, isImplicit, isInherited, isRequired } from "./presence.js";
import { scalarKind, tagOf } from "./scalar-kind.js";

type SingularField = DescField & { readonly fieldKind: "scalar" | "enum" | "message" };
type ListField = DescField & { readonly fieldKind: "list" };

/** Prints the function that writes a message. Fields are written in the order of their numbers, as protobuf-es does. */
export function printWrite(printer: CodecPrinter, codec: CodecMessage): void {
  const { file } = printer;
  const { message: desc } = codec;
  // export function writeMoney(writer: MessageWriter, message: Money): void {
  //   writer.check(message, "shop.v1.Money");
  const parameters = parentheses([
    ["writer: ", printer.runtime("MessageWriter")],
    ["message: ", file.shape(desc)],
  ]);
  file.print`${file.export("function", codec.names.write)}${parameters}: void {`;
  file.print`  writer.check${parentheses(["message", stringLiteral(desc.typeName)])};`;
  const fields = desc.fields.toSorted((a, b) => a.number - b.number);
  for (let index = 0; index < fields.length; ) {
    const members = oneofRun(fields, index);
    const [field] = members;
    if (field === undefined) {
      break;
    }
    index += members.length;
    if (field.oneof !== undefined) {
      printOneof(printer, field.oneof, members);
    } else {
      printField(printer, codec, field);
    }
  }
  //   if (message.$unknown) writer.unknown(message);
  file.print`  if (message.$unknown) writer.unknown(message);`;
  file.print`}`;
}

/** A field and those behind it that belong to the same oneof: one `switch` writes them all. */
function oneofRun(fields: readonly DescField[], from: number): readonly SingularField[] {
  const run: SingularField[] = [];
  for (const field of fields.slice(from)) {
    const isMember = run.length === 0 || (field.oneof !== undefined && field.oneof === run[0]?.oneof);
    if (!isMember) {
      break;
    }
    run.push(field as SingularField);
  }
  return run;
}

function printOneof(printer: CodecPrinter, oneof: DescOneof, members: readonly SingularField[]): void {
  const { file } = printer;
  const group = `message${propertyAccess(oneof.localName)}`;
  const value = `${group}.value`;
  const [only] = members;
  if (members.length === 1 && only !== undefined) {
    // if (message.anchor?.case === "version") writer.uint64(88, message.anchor.value);
    const condition = `${group}?.case === ${stringLiteral(only.localName)}`;
    file.print`  ${ifAll([condition], writeValue(printer, only, value))}`;
    return;
  }
  // switch (message.anchor?.case) {
  //   case "version": writer.uint64(88, message.anchor.value); break;
  file.print`  switch (${group}?.case) {`;
  for (const field of members) {
    file.print`    case ${stringLiteral(field.localName)}: ${writeValue(printer, field, value)} break;`;
  }
  file.print`  }`;
}

function printField(printer: CodecPrinter, codec: CodecMessage, field: DescField): void {
  const value = `message${propertyAccess(field.localName)}`;
  switch (field.fieldKind) {
    case "list":
      printList(printer, field, value);
      break;
    case "map": {
      // writer.map(42, message.labels, writeItem_labels);
      const entry = entryNames(codec, field).write;
      const call = parentheses([String(tagOf(field.number, 2)), value, entry]);
      printer.file.print`  writer.map${call};`;
      break;
    }
    default:
      printSingular(printer, field, value);
  }
}

function printSingular(printer: CodecPrinter, field: SingularField, value: string): void {
  // if ((message.units ?? 0n) !== 0n) writer.int64(16, message.units);
  const otherwise = isRequired(field) ? " else writer.missing();" : "";
  printer.file.print`  ${ifAll(presenceOf(field, value), writeValue(printer, field, value))}${otherwise}`;
}

/** What holds if a field is to be written. In init shapes, whatever is undefined or null is absent. */
function presenceOf(field: SingularField, value: string): string[] {
  if (field.fieldKind === "message" && !isInherited(field)) {
    return [`${value} != null`];
  }
  if (!isImplicit(field)) {
    const present = `${value} != null`;
    const own = `Object.hasOwn(message, ${stringLiteral(field.localName)})`;
    return hasPrototype(field.parent) || isInherited(field) ? [present, own] : [present];
  }
  if (field.scalar === undefined) {
    return [`(${value} ?? 0) !== 0`];
  }
  switch (field.scalar) {
    case ScalarType.BYTES:
      return [`${value} != null`, `${value}.byteLength !== 0`];
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      // Minus zero is written.
      return [`!Object.is(${value} ?? 0, 0)`];
    default: {
      const zero = isLongAsString(field) ? '"0"' : scalarKind(field.scalar).zero;
      return [`(${value} ?? ${zero}) !== ${zero}`];
    }
  }
}

/** `writer.int32(16, message.units);` */
function writeValue(printer: CodecPrinter, field: SingularField, value: string): Printable {
  const { number } = field;
  if (field.fieldKind === "message") {
    const write = printer.write(field);
    const [method, tags] = field.delimitedEncoding
      ? ["group", [tagOf(number, 3), tagOf(number, 4)]]
      : ["message", [tagOf(number, 2)]];
    return [`writer.${method}`, parentheses([...tags.map(String), write, value]), ";"];
  }
  const { method, wireType } = scalarKind(scalarOf(field));
  return [`writer.${method}`, parentheses([String(tagOf(number, wireType)), asWritten(printer, field, value)]), ";"];
}

function printList(printer: CodecPrinter, field: ListField, list: string): void {
  const { file } = printer;
  const { number } = field;
  if (field.listKind === "message") {
    // writer.messages(18, writeItem, message.items);
    const [method, tags] = field.delimitedEncoding
      ? ["groups", [tagOf(number, 3), tagOf(number, 4)]]
      : ["messages", [tagOf(number, 2)]];
    file.print`  writer.${method}${parentheses([...tags.map(String), printer.write(field), list])};`;
    return;
  }
  const kind = scalarKind(scalarOf(field));
  if (field.packed && kind.packed !== undefined) {
    // writer.packedInt32(58, message.codes);
    const values = isLongAsString(field) ? [printer.runtime("parseInt64s"), "(", list, ")"] : list;
    file.print`  writer.${kind.packed}${parentheses([String(tagOf(number, 2)), values])};`;
    return;
  }
  // for (const value of message.labels ?? []) writer.string(74, value);
  const tag = String(tagOf(number, kind.wireType));
  const call = [`writer.${kind.method}`, parentheses([tag, asWritten(printer, field, "value")]), ";"];
  file.print`  for (const value of ${list} ?? []) ${call}`;
}

function asWritten(printer: CodecPrinter, field: DescField, value: string): Printable {
  return isLongAsString(field) ? [printer.runtime("parseInt64"), "(", value, ")"] : value;
}

/** The scalar type of a field's values. An enum is an int32. */
export function scalarOf(field: DescField): ScalarType {
  return field.scalar ?? ScalarType.INT32;
}

/** Whether a field has its 64-bit integers as strings. */
export function isLongAsString(field: DescField): boolean {
  return "longAsString" in field && field.longAsString;
}
