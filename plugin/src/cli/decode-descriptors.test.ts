import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LEDGER_REQUEST } from "./cli.fixture.js";
import { CommandError } from "./command-error.js";
import { decodeDescriptors } from "./decode-descriptors.js";

const request = readFileSync(LEDGER_REQUEST);
const protos = fromBinary(CodeGeneratorRequestSchema, request).protoFile;
const names = protos.map(({ name }) => name);
const OWN = ["ledger/v1/errors.proto", "ledger/v1/ledger.proto"];

function setOf(file: readonly FileDescriptorProto[]): Uint8Array {
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...file] }));
}

function decode(bytes: Uint8Array) {
  const { files, toGenerate } = decodeDescriptors(bytes, "image.binpb");
  return { files: files.map(({ proto }) => proto.name), toGenerate: [...toGenerate].sort() };
}

/** A file as buf's images have it. */
function imageFile(proto: FileDescriptorProto, isImport: boolean): FileDescriptorProto {
  const data = Uint8Array.of(2, 0x08, isImport ? 1 : 0);
  return { ...proto, $unknown: [{ no: 8042, wireType: 2, data }] };
}

describe("descriptors", () => {
  it("come from a request, which says what is the user's", () => {
    expect(decode(request)).toEqual({ files: names, toGenerate: OWN });
  });

  it("come from a descriptor set, where all but the standard files are the user's", () => {
    expect(decode(setOf(protos))).toEqual({ files: names, toGenerate: OWN });
  });

  it("come from a buf image, which says what is imported", () => {
    const image = setOf(protos.map((proto) => imageFile(proto, proto.name !== "ledger/v1/ledger.proto")));
    expect(decode(image).toGenerate).toEqual(["ledger/v1/ledger.proto"]);
  });

  it("may be gzipped", () => {
    expect(decode(gzipSync(request)).toGenerate).toEqual(OWN);
  });

  it("may be in any order", () => {
    const { files } = decode(setOf([...protos].reverse()));
    expect([...files].sort()).toEqual([...names].sort());
    expect(files.indexOf("ledger/v1/errors.proto")).toBeLessThan(files.indexOf("ledger/v1/ledger.proto"));
  });
});

describe("what isn't a descriptor set", () => {
  const cases: readonly [name: string, bytes: Uint8Array | string, message: string][] = [
    ["nothing", "", "image.binpb is empty: a descriptor set is expected. `buf build -o image.binpb` makes one"],
    ["a proto file", 'syntax = "proto3";\n', "image.binpb isn't a descriptor set: it looks like a .proto file."],
    ["JSON", '{"file": []}', "image.binpb isn't a descriptor set: it looks like JSON."],
    ["text", "hello there\n", "image.binpb isn't a descriptor set: it looks like text."],
    ["binary", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1, 2), "image.binpb isn't a descriptor set. `buf build"],
    ["another message", Uint8Array.of(0x10, 0x01), "image.binpb isn't a descriptor set. `buf build"],
    ["a broken gzip file", Uint8Array.of(0x1f, 0x8b, 1), "image.binpb can't be unzipped: "],
    [
      "a file without a name",
      setOf([create(FileDescriptorProtoSchema, { package: "x" })]),
      "image.binpb isn't a descriptor set. ",
    ],
    [
      "a request without files",
      toBinary(CodeGeneratorRequestSchema, create(CodeGeneratorRequestSchema, { fileToGenerate: ["a.proto"] })),
      "image.binpb isn't a descriptor set",
    ],
    [
      "a set without what is imported",
      setOf(protos.filter(({ name }) => name !== "accord/v1/options.proto")),
      "imports accord/v1/options.proto, which isn't in it. With protoc, add --include_imports.",
    ],
    [
      "a file that refers to nothing",
      setOf([
        create(FileDescriptorProtoSchema, {
          name: "a.proto",
          service: [{ name: "S", method: [{ name: "M", inputType: ".Nope", outputType: ".Nope" }] }],
        }),
      ]),
      "image.binpb can't be used: ",
    ],
  ];
  it.each(cases)("%s: one clear line", (_, bytes, message) => {
    const data = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    expect(() => decode(data)).toThrow(CommandError);
    expect(() => decode(data)).toThrow(message);
  });

  it("files that import each other in a circle don't hang", () => {
    const circle = ["a", "b"].map((name, index) =>
      create(FileDescriptorProtoSchema, { name: `${name}.proto`, dependency: [`${index === 0 ? "b" : "a"}.proto`] }),
    );
    expect(() => decode(setOf(circle))).toThrow("image.binpb can't be used: ");
  });

  it("whatever it is, it is said, never thrown up", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat({ max: request.length }), (noise, at) => {
        const broken = Buffer.concat([request.subarray(0, at), noise, request.subarray(at + noise.length)]);
        for (const bytes of [noise, broken]) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(CommandError);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
