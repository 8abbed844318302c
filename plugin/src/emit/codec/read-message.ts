import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { propertyAccess, propertyName, stringLiteral } from "../typescript/text.js";
import type { Printable } from "../typescript/typescript-file.js";
import { type CodecMessage, entryNames } from "./codec-plan.js";
import type { CodecPrinter } from "./codec-printer.js";
import { choice, filledLines, ifAll, type Piece, parentheses } from "./one-line.js";
import { hasPrototype, isImplicit, isInherited } from "./presence.js";
import { scalarKind, tagOf } from "./scalar-kind.js";
import { isLongAsString, scalarOf } from "./write-message.js";

type SingularField = DescField & { readonly fieldKind: "scalar" | "enum" | "message" };
type ListField = DescField & { readonly fieldKind: "list" };

/** Prints the function that reads a message, and what makes an empty one. */
export function printRead(printer: CodecPrinter, codec: CodecMessage): void {
  const { file } = printer;
  const { message: desc, names } = codec;
  // For a literal, TypeScript insists on the types of what every object inherits.
  const isCreated = hasPrototype(desc) || desc.fields.some(isInherited);
  const initial = isCreated ? printNew(printer, codec) : initialLiteral(printer, codec);
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
  // if (reader.unknown(tag, end, message, MoneySchema)) return message;
  const ends: Printable = ["reader.unknown", parentheses(["tag", "end", "message", file.schema(desc)])];
  const unknown = ifAll([ends], "return message;");
  if (desc.fields.length === 0) {
    file.print`    ${unknown}`;
  } else {
    file.print`    switch (tag) {`;
    for (const field of desc.fields) {
      file.print`      ${fieldCases(printer, codec, field)}`;
    }
    file.print`      default: ${unknown}`;
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
  // function newMoney(): Money {
  //   const message = Object.create(moneyPrototype);
  //   message.$typeName = "shop.v1.Money"; message.units = 0n;
  //   return message;
  // }
  file.print`const ${prototype} = ${printer.runtime("prototypeOf")}${parentheses([file.schema(desc)])};`;
  file.print`function ${create}(): ${file.shape(desc)} {`;
  file.print`  const message = Object.create(${prototype});`;
  const statements = initialValues(printer, codec).map(([name, value]) =>
    piece([`message${propertyAccess(name)} = `, value, ";"]),
  );
  for (const line of filledLines("  ", statements)) {
    file.print`${line}`;
  }
  file.print`  return message;`;
  file.print`}`;
  return [create, "()"];
}

/** `{ $typeName: "shop.v1.Money", units: 0n }`; the values on lines of their own where they are many. */
function initialLiteral(printer: CodecPrinter, codec: CodecMessage): Printable {
  const values = initialValues(printer, codec).map(([name, value], index, { length }) =>
    piece([propertyName(name), ": ", value, index === length - 1 ? "" : ","]),
  );
  const lines = filledLines("  ", values);
  return values.length <= MOST_BESIDE
    ? ["{", values.map(({ text }) => [" ", text]), " }"]
    : ["{\n", lines.map((line) => [line, "\n"]), "}"];
}

/** How many initial values stand within the line that declares a function. */
const MOST_BESIDE = 4;

function piece(parts: readonly Printable[]): Piece {
  const width = parts.reduce((sum, part) => sum + (typeof part === "string" ? part : "EMPTY_BYTES").length, 0);
  return { text: parts, width };
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

/** All that reads a field, for one line. */
function fieldCases(printer: CodecPrinter, codec: CodecMessage, field: DescField): Printable {
  switch (field.fieldKind) {
    case "list":
      return listCases(printer, field);
    case "map": {
      // case 42: readItem_labelsEntry(reader, message.labels); break;
      const { read } = entryNames(codec, field);
      const call = parentheses(["reader", `message${propertyAccess(field.localName)}`]);
      return caseOf(tagOf(field.number, 2), [read, call]);
    }
    default:
      return singularCase(printer, field);
  }
}

function caseOf(tag: number, statement: Printable): Printable {
  return [`case ${tag}: `, statement, "; break;"];
}

function singularCase(printer: CodecPrinter, field: SingularField): Printable {
  // case 16: message.units = reader.int64(); break;
  const { oneof, localName } = field;
  const name = stringLiteral(localName);
  const property = `message${propertyAccess(oneof?.localName ?? localName)}`;
  const set = (value: Printable): Printable =>
    oneof === undefined ? [property, " = ", value] : [property, ` = { case: ${name}, value: `, value, " }"];
  if (field.fieldKind === "message") {
    const inherited = choice(`Object.hasOwn(message, ${name})`, property, "undefined");
    const own = isInherited(field) ? inherited : property;
    const current =
      oneof === undefined ? own : choice(`${property}.case === ${name}`, `${property}.value`, "undefined");
    return caseOf(tagOf(field.number, field.delimitedEncoding ? 3 : 2), set(readMessage(printer, field, current)));
  }
  if (field.enum !== undefined && !field.enum.open) {
    return closedEnumCase(printer, field, set("value"));
  }
  return caseOf(tagOf(field.number, scalarKind(scalarOf(field)).wireType), set(readValue(printer, field)));
}

function closedEnumCase(printer: CodecPrinter, field: SingularField, set: Printable): Printable {
  // case 32: { const value = reader.closedEnum(KindSchema, 4, message); if (value !== undefined) message.kind = value; break; }
  const schema = field.enum === undefined ? "" : printer.file.schema(field.enum);
  const call = parentheses([schema, String(field.number), "message"]);
  const tag = tagOf(field.number, 0);
  return [`case ${tag}: { const value = reader.closedEnum`, call, "; if (value !== undefined) ", set, "; break; }"];
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

function listCases(printer: CodecPrinter, field: ListField): Printable {
  const list = `message${propertyAccess(field.localName)}`;
  if (field.listKind === "message") {
    // case 18: message.items.push(readItem(reader, reader.open())); break;
    const tag = tagOf(field.number, field.delimitedEncoding ? 3 : 2);
    return caseOf(tag, [`${list}.push`, parentheses([readMessage(printer, field)])]);
  }
  // case 56: message.codes.push(reader.int32()); break; case 58: reader.packedInt32(message.codes); break;
  const { packed, wireType, method } = scalarKind(scalarOf(field));
  const single = caseOf(tagOf(field.number, wireType), [`${list}.push`, parentheses([readValue(printer, field)])]);
  if (packed === undefined) {
    return single;
  }
  // reader.packedAsString(message.codes, reader.int64);
  const call = isLongAsString(field)
    ? ["reader.packedAsString", parentheses([list, `reader.${method}`])]
    : [`reader.${packed}`, parentheses([list])];
  return [single, " ", caseOf(tagOf(field.number, 2), call)];
}
