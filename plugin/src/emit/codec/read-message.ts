import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { assignedCall, braces, choice, indented, parentheses } from "../typescript/layout-group.js";
import { propertyAccess, propertyName, stringLiteral } from "../typescript/text.js";
import type { Printable } from "../typescript/typescript-file.js";
import { type CodecMessage, entryNames } from "./codec-plan.js";
import type { CodecPrinter } from "./codec-printer.js";
import { hasPrototype, isImplicit, isInherited } from "./presence.js";
import { scalarKind, tagOf } from "./scalar-kind.js";
import { ifAll, isLongAsString, scalarOf } from "./write-message.js";

type SingularField = DescField & { readonly fieldKind: "scalar" | "enum" | "message" };
type ListField = DescField & { readonly fieldKind: "list" };

/** Prints the function that reads a message, and what makes an empty one. */
export function printRead(printer: CodecPrinter, codec: CodecMessage): void {
  const { file } = printer;
  const { message: desc, names } = codec;
  // For a literal, TypeScript insists on the types of what every object inherits.
  const isCreated = hasPrototype(desc) || desc.fields.some(isInherited);
  const initial = isCreated ? printNew(printer, codec) : braces(initialProperties(printer, codec));
  // export function readMoney(reader: MessageReader, end: number, message: Money = { … }): Money {
  //   while (reader.position < end) {
  //     const tag = reader.tag();
  const parameters = parentheses([
    ["reader: ", printer.runtime("MessageReader")],
    "end: number",
    ["message: ", file.shape(desc), " = ", initial],
  ]);
  file.print`${file.export("function", names.read)}${parameters}: ${file.shape(desc)} {`;
  file.print`  while (reader.position < end) {`;
  file.print`    const tag = reader.tag();`;
  if (desc.fields.length === 0) {
    printUnknown(printer, codec, "    ");
  } else {
    file.print`    switch (tag) {`;
    for (const field of desc.fields) {
      printField(printer, codec, field);
    }
    file.print`      default:`;
    printUnknown(printer, codec, "        ");
    file.print`    }`;
  }
  //   reader.close(end);
  //   return message;
  file.print`  }`;
  file.print`  reader.close(end);`;
  file.print`  return message;`;
  file.print`}`;
}

/** Prints the function that makes an empty message with a prototype, and gives a call of it. */
function printNew(printer: CodecPrinter, codec: CodecMessage): Printable {
  const { file } = printer;
  const { message: desc, names } = codec;
  const prototype = file.own(names.prototype);
  const create = file.own(names.create);
  // const moneyPrototype = prototypeOf(MoneySchema);
  //
  // function newMoney(): Money {
  //   const message = Object.create(moneyPrototype);
  //   message.$typeName = "shop.v1.Money";
  //   return message;
  // }
  file.print`const ${prototype} = ${printer.runtime("prototypeOf")}${parentheses([file.schema(desc)])};`;
  file.print``;
  file.print`function ${create}(): ${file.shape(desc)} {`;
  file.print`  const message = Object.create(${prototype});`;
  for (const [name, value] of initialValues(printer, codec)) {
    file.print`  message${propertyAccess(name)} =${indented(value)};`;
  }
  file.print`  return message;`;
  file.print`}`;
  file.print``;
  return [create, "()"];
}

function initialProperties(printer: CodecPrinter, codec: CodecMessage): Printable[] {
  return initialValues(printer, codec).map(([name, value]) => [propertyName(name), ":", indented(value)]);
}

/** What an empty message has of its own, in protobuf-es's order. */
function initialValues(printer: CodecPrinter, { message }: CodecMessage): (readonly [string, Printable])[] {
  const values: (readonly [string, Printable])[] = [["$typeName", stringLiteral(message.typeName)]];
  for (const member of message.members) {
    if (member.kind === "oneof") {
      values.push([member.localName, "{ case: undefined }"]);
    } else if (member.fieldKind === "list") {
      values.push([member.localName, "[]"]);
    } else if (member.fieldKind === "map") {
      values.push([member.localName, "{}"]);
    } else if (member.fieldKind !== "message" && isImplicit(member)) {
      values.push([member.localName, zeroOf(printer, member)]);
    }
  }
  return values;
}

/** The value that a field has where it isn't present. */
export function zeroOf(printer: CodecPrinter, field: DescField): Printable {
  if (field.enum !== undefined) {
    return String(field.enum.values[0]?.number ?? 0);
  }
  if (field.scalar === ScalarType.BYTES) {
    return printer.runtime("EMPTY_BYTES");
  }
  return isLongAsString(field) ? '"0"' : scalarKind(scalarOf(field)).zero;
}

function printUnknown(printer: CodecPrinter, { message: desc }: CodecMessage, indentation: string): void {
  // if (reader.unknown(tag, end, message, MoneySchema)) return message;
  const { file } = printer;
  const ends: Printable = ["reader.unknown", parentheses(["tag", "end", "message", file.schema(desc)])];
  file.print`${indentation}${ifAll([ends], "return message;")}`;
}

function printField(printer: CodecPrinter, codec: CodecMessage, field: DescField): void {
  switch (field.fieldKind) {
    case "list":
      printList(printer, field);
      break;
    case "map": {
      // case 42:
      //   readItem_labelsEntry(reader, message.labels);
      const { read } = entryNames(codec, field);
      const call = parentheses(["reader", `message${propertyAccess(field.localName)}`]);
      printCase(printer, tagOf(field.number, 2), [[read, call, ";"]]);
      break;
    }
    default:
      printSingular(printer, field);
  }
}

function printCase(printer: CodecPrinter, tag: number, statements: readonly Printable[]): void {
  const { file } = printer;
  file.print`      case ${String(tag)}:`;
  for (const statement of statements) {
    file.print`        ${statement}`;
  }
  file.print`        break;`;
}

function printSingular(printer: CodecPrinter, field: SingularField): void {
  // case 16:
  //   message.units = reader.int64();
  const { oneof, localName } = field;
  const name = stringLiteral(localName);
  const property = `message${propertyAccess(oneof?.localName ?? localName)}`;
  const set = (value: Printable): Printable =>
    oneof === undefined
      ? [`${property} =`, assignedCall(value), ";"]
      : [`${property} = `, braces([`case: ${name}`, ["value:", assignedCall(value)]]), ";"];
  if (field.fieldKind === "message") {
    const inherited = choice(`Object.hasOwn(message, ${name})`, property, "undefined");
    const own = isInherited(field) ? inherited : property;
    const current =
      oneof === undefined ? own : choice(`${property}.case === ${name}`, `${property}.value`, "undefined");
    printCase(printer, tagOf(field.number, field.delimitedEncoding ? 3 : 2), [
      set(readMessage(printer, field, current)),
    ]);
  } else if (field.enum !== undefined && !field.enum.open) {
    printClosedEnum(printer, field, set);
  } else {
    printCase(printer, tagOf(field.number, scalarKind(scalarOf(field)).wireType), [set(readValue(printer, field))]);
  }
}

function printClosedEnum(printer: CodecPrinter, field: SingularField, set: (value: Printable) => Printable): void {
  // case 32: {
  //   const value = reader.closedEnum(KindSchema, 4, message);
  //   if (value !== undefined) message.kind = value;
  //   break;
  // }
  const { file } = printer;
  const schema = field.enum === undefined ? "" : file.schema(field.enum);
  const call = parentheses([schema, String(field.number), "message"]);
  file.print`      case ${String(tagOf(field.number, 0))}: {`;
  file.print`        const value = reader.closedEnum${call};`;
  file.print`        if (value !== undefined) ${set("value")}`;
  file.print`        break;`;
  file.print`      }`;
}

/** `readMoney(reader, reader.open(), message.amount)` */
function readMessage(
  printer: CodecPrinter,
  field: DescField & { readonly fieldKind: "message" | "list"; readonly message: NonNullable<DescField["message"]> },
  current?: Printable,
): Printable {
  const rest = current === undefined ? [] : [current];
  if (field.delimitedEncoding) {
    // reader.group(12, readMoney, message.amount)
    const endTag = String(tagOf(field.number, 4));
    return ["reader.group", parentheses([endTag, printer.read(field), ...rest])];
  }
  return [printer.read(field), parentheses(["reader", "reader.open()", ...rest])];
}

/** `reader.int64()`, `reader.int32() as Kind` */
export function readValue(printer: CodecPrinter, field: DescField): Printable {
  // protoc-gen-es's type of an enum may be a union of numbers, which not every number belongs to.
  return field.enum === undefined ? readScalar(field) : [readScalar(field), " as ", printer.file.shape(field.enum)];
}

/** `reader.int64()` */
export function readScalar(field: DescField, type = scalarOf(field)): string {
  const unchecked = type === ScalarType.STRING && "utf8Validation" in field && !field.utf8Validation;
  const call = `reader.${unchecked ? "uncheckedString" : scalarKind(type).method}()`;
  return isLongAsString(field) ? `String(${call})` : call;
}

function printList(printer: CodecPrinter, field: ListField): void {
  const list = `message${propertyAccess(field.localName)}`;
  if (field.listKind === "message") {
    // case 18:
    //   message.items.push(readItem(reader, reader.open()));
    const tag = tagOf(field.number, field.delimitedEncoding ? 3 : 2);
    printCase(printer, tag, [[`${list}.push`, parentheses([readMessage(printer, field)]), ";"]]);
    return;
  }
  // case 56:
  //   message.codes.push(reader.int32());
  //   break;
  // case 58:
  //   reader.packedInt32(message.codes);
  const { packed, wireType } = scalarKind(scalarOf(field));
  printCase(printer, tagOf(field.number, wireType), [[`${list}.push`, parentheses([readValue(printer, field)]), ";"]]);
  if (packed !== undefined) {
    // reader.packedAsString(message.codes, reader.int64);
    const call = isLongAsString(field)
      ? ["reader.packedAsString", parentheses([list, `reader.${scalarKind(scalarOf(field)).method}`])]
      : [`reader.${packed}`, parentheses([list])];
    printCase(printer, tagOf(field.number, 2), [[call, ";"]]);
  }
}
