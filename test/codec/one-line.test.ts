import type { DescMessage } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { printCodecs } from "../../plugin/src/emit/codec/print-codecs.js";
import { hasRuntimeCodec } from "../../plugin/src/emit/codec/well-known.js";
import { compileProtos, OWN_PROTOS } from "./compiled-protos.js";

// A reviewer reads a field's diff as two lines. So this holds over every kind of field there is.

const protoFile = compileProtos(OWN_PROTOS);
const printed = printCodecs({
  protoFile,
  fileToGenerate: protoFile.map(({ name }) => name),
  roots: (files) =>
    files
      .filter((file) => file.proto.package.startsWith("codec."))
      .flatMap((file) => file.messages.map((message) => ({ message, pkg: file.proto.package }))),
});
const messages = printed.plan.files.flatMap((file) =>
  file.messages.map((message) => ({ ...message, path: file.path })),
);

/** The lines of a function. */
function linesOf(path: string, name: string): readonly string[] {
  const source = printed.sources.get(`${path}.ts`) ?? "";
  const start = source.indexOf(`export function ${name}(`);
  return source.slice(start, source.indexOf("\n}\n", start)).split("\n");
}

function oneofsWithLinesOfTheirOwn({ oneofs }: DescMessage): number {
  return oneofs.filter(({ fields }) => fields.length > 1).length;
}

describe("a codec", () => {
  it("is looked at for every kind of field", () => {
    const kinds = messages.flatMap(({ message }) => message.fields.map(({ fieldKind }) => fieldKind));
    expect([...new Set(kinds)].sort()).toEqual(["enum", "list", "map", "message", "scalar"]);
    expect(kinds.length).toBeGreaterThan(100);
    expect(messages.some(({ message }) => oneofsWithLinesOfTheirOwn(message) > 0)).toBe(true);
    expect(messages.every(({ message }) => !hasRuntimeCodec(message))).toBe(true);
  });

  it("reads each field in one line", () => {
    for (const { message, names, path } of messages) {
      const cases = linesOf(path, names.read).filter((line) => /^ {6}case /.test(line));
      expect(cases.length, message.typeName).toBe(message.fields.length);
      expect(cases.filter((line) => !/; break;(?: \})?$/.test(line))).toEqual([]);
    }
  });

  it("writes each field in one line, beside two for a oneof", () => {
    for (const { message, names, path } of messages) {
      const lines = linesOf(path, names.write);
      const check = lines.findIndex((line) => line.includes("writer.check("));
      const unknown = lines.findIndex((line) => line.includes("writer.unknown("));
      const oneofs = lines.filter((line) => line.startsWith("  switch (")).length;
      expect(unknown - check - 1, message.typeName).toBe(message.fields.length + 2 * oneofs);
      // A oneof whose fields' numbers have others in between is written in several.
      const members = message.fields.filter(({ oneof }) => oneof !== undefined).length;
      expect(2 * oneofs, message.typeName).toBeLessThanOrEqual(members);
    }
  });

  it("is printed once, however many packages reach its message", () => {
    const all = printed.plan.files.map(({ path }) => printed.sources.get(`${path}.ts`) ?? "");
    for (const source of all) {
      const names = [...source.matchAll(/^\/\/ (codec\.\S+)$/gm)].map(([, name]) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
