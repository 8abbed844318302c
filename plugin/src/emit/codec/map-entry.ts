import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { stringLiteral } from "../typescript/text.js";
import type { Printable } from "../typescript/typescript-file.js";
import { type CodecMessage, entryNames } from "./codec-plan.js";
import type { CodecPrinter } from "./codec-printer.js";
import { parentheses } from "./one-line.js";
import { readScalar, readValue, zeroOf } from "./read-message.js";
import { scalarKind, tagOf } from "./scalar-kind.js";
import { scalarOf } from "./write-message.js";

type MapField = DescField & { readonly fieldKind: "map" };

/** Prints the functions that read and write the entries of a message's maps. */
export function printEntries(printer: CodecPrinter, codec: CodecMessage): void {
  for (const field of codec.message.fields) {
    if (field.fieldKind === "map") {
      printReadEntry(printer, codec, field);
      printWriteEntry(printer, codec, field);
    }
  }
}

function printReadEntry(printer: CodecPrinter, codec: CodecMessage, field: MapField): void {
  const { file } = printer;
  // function readItem_labelsEntry(reader: MessageReader, record: Item["labels"]): void {
  //   const end = reader.openEntry();
  //   let key = "";
  //   let value: Item["labels"][string] = 0n;
  const parameters = parentheses([
    ["reader: ", printer.runtime("MessageReader")],
    ["record: ", recordType(printer, field)],
  ]);
  file.print`function ${file.own(entryNames(codec, field).read)}${parameters}: void {`;
  file.print`  const end = reader.openEntry();`;
  file.print`  let key = ${scalarKind(field.mapKey).zero};`;
  const type = valueType(printer, field);
  const declared = field.message === undefined ? [type, " = ", zeroOf(printer, field)] : [type, " | undefined"];
  file.print`  let value: ${declared};`;
  //   while (reader.position < end) {
  //     const tag = reader.tag();
  //     switch (tag) {
  //       case 10: key = reader.string(); break;
  file.print`  while (reader.position < end) {`;
  file.print`    const tag = reader.tag();`;
  file.print`    switch (tag) {`;
  const keyTag = String(tagOf(1, scalarKind(field.mapKey).wireType));
  const valueTag = String(tagOf(2, valueWireType(field)));
  file.print`      case ${keyTag}: key = ${readScalar(field, field.mapKey)}; break;`;
  file.print`      case ${valueTag}: value = ${readEntryValue(printer, field)}; break;`;
  file.print`      default: reader.unknownInEntry(tag);`;
  file.print`    }`;
  file.print`  }`;
  //   reader.closeEntry(end);
  //   setEntry(record, key, value);
  file.print`  reader.closeEntry(end);`;
  const found = field.message === undefined ? "value" : ["value ?? reader.empty(", printer.read(field), ")"];
  file.print`  ${printer.runtime("setEntry")}${parentheses(["record", recordKey(field), found])};`;
  file.print`}`;
}

function printWriteEntry(printer: CodecPrinter, codec: CodecMessage, field: MapField): void {
  const { file } = printer;
  // function writeItem_labelsEntry(writer: MessageWriter, key: string, value: Item["labels"][string]): void {
  //   writer.string(10, key); writer.int64(16, value);
  const parameters = parentheses([
    ["writer: ", printer.runtime("MessageWriter")],
    "key: string",
    ["value: ", valueType(printer, field)],
  ]);
  const key = scalarKind(field.mapKey);
  const writeKey = [`writer.${key.method}`, parentheses([String(tagOf(1, key.wireType)), writtenKey(printer, field)])];
  file.print`function ${file.own(entryNames(codec, field).write)}${parameters}: void {`;
  file.print`  ${writeKey}; ${writeEntryValue(printer, field)};`;
  file.print`}`;
}

function writeEntryValue(printer: CodecPrinter, field: MapField): Printable {
  if (field.message !== undefined) {
    return ["writer.message", parentheses(["18", printer.write(field), "value"])];
  }
  const { method, wireType } = scalarKind(scalarOf(field));
  return `writer.${method}(${String(tagOf(2, wireType))}, value)`;
}

function recordType(printer: CodecPrinter, field: MapField): Printable {
  return [printer.file.shape(field.parent), "[", stringLiteral(field.localName), "]"];
}

function valueType(printer: CodecPrinter, field: MapField): Printable {
  return [recordType(printer, field), "[", isNumeric(field.mapKey) ? "number" : "string", "]"];
}

function valueWireType(field: MapField): number {
  return field.message === undefined ? scalarKind(scalarOf(field)).wireType : 2;
}

function readEntryValue(printer: CodecPrinter, field: MapField): Printable {
  if (field.message === undefined) {
    return readValue(printer, field);
  }
  return [printer.read(field), parentheses(["reader", "reader.open()", "value"])];
}

/** A key as object keys are. */
function recordKey({ mapKey }: MapField): string {
  return mapKey === ScalarType.STRING || isNumeric(mapKey) ? "key" : "String(key)";
}

/** A key as its type has it, made of an object key. */
function writtenKey(printer: CodecPrinter, { mapKey }: MapField): Printable {
  if (mapKey === ScalarType.STRING) {
    return "key";
  }
  const convert = mapKey === ScalarType.BOOL ? "boolKey" : isNumeric(mapKey) ? "int32Key" : "int64Key";
  return [printer.runtime(convert), "(key)"];
}

/** Whether protobuf-es has the keys of such a map as numbers. */
function isNumeric(mapKey: ScalarType): boolean {
  return scalarKind(mapKey).zero === "0";
}
