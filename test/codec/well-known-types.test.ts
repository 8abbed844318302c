import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { create } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { printCodecs } from "../../plugin/src/emit/codec/print-codecs.js";
import { hasRuntimeCodec } from "../../plugin/src/emit/codec/well-known.js";
import { CODEC_MODULE, CODEC_SYMBOLS } from "../../plugin/src/emit/typescript/codec-symbols.js";
import { allMessages } from "./all-messages.js";

const GENERATED = join(dirname(fileURLToPath(import.meta.url)), "../../runtime/src/codec/well-known-types.ts");

const FILES = [
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
];

test("the runtime's codecs of the well-known types are what the plugin generates", () => {
  const printed = printWellKnownTypes();
  if (process.env.UPDATE !== undefined) {
    writeFileSync(GENERATED, printed);
  }
  expect(readFileSync(GENERATED, "utf8")).toBe(printed);
});

test("the runtime exports what generated codecs import, and nothing else", async () => {
  const exported = Object.keys(await import("../../runtime/src/codec/v1.js"));
  const values = Object.entries(CODEC_SYMBOLS).flatMap(([name, kind]) => (kind === "value" ? [name] : []));
  expect(exported.sort()).toEqual(values.sort());
});

function printWellKnownTypes(): string {
  // Messages of other packages are printed beside what uses them: here, an imagined file without a package.
  const user = create(FileDescriptorProtoSchema, {
    name: "well_known_types.proto",
    syntax: "proto3",
    dependency: FILES.map(({ proto }) => proto.name),
  });
  const { sources } = printCodecs({
    protoFile: [...FILES.map(({ proto }) => proto), user],
    fileToGenerate: [user.name],
    roots(files) {
      const messages = allMessages(files).filter(({ message }) => hasRuntimeCodec(message));
      return messages.map(({ message }) => ({ message, pkg: user.package }));
    },
    isInRuntime: () => false,
  });
  const source = sources.get("codecs.ts") ?? "";
  // In the runtime, support is a file beside it.
  const [imports = "", code = ""] = source.split(/(?<=\n)(?=\/\/ Static)/);
  const statements = imports.match(/import[^;]*;\n/g) ?? [];
  const support = statements.find((statement) => statement.includes(CODEC_MODULE)) ?? "";
  const others = statements.filter((statement) => statement !== support);
  return [
    "// Generated from @bufbuild/protobuf's well-known types: `npm run generate` makes it anew.\n",
    "// biome-ignore-all format: one line per field and direction\n\n",
    ...others,
    support.replace(CODEC_MODULE, "./codec-support.js"),
    "\n",
    code,
  ].join("");
}
