import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { toText } from "@bufbuild/protobuf/txtpb";
import { DescriptorProtoSchema, SourceContextSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { OpenAccountRequestSchema } from "../../../example/src/gen/ledger/v1/ledger_pb.js";
import { payloadText } from "../../../runtime/src/log/payload-text.js";

// What protobuf-es does, and what the runtime makes of it. Its plugin framework is in plugin/src/protoplugin.test.ts.

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("protobuf-es", () => {
  it("compiles an encoder when it is used for the first time", () => {
    const { fields } = SourceContextSchema;
    let looks = 0;
    const schema: typeof SourceContextSchema = Object.create(SourceContextSchema, {
      fields: {
        get: () => {
          looks += 1;
          return fields;
        },
      },
    });
    const encode = () => toBinary(schema, create(SourceContextSchema, { fileName: "a" }));
    expect(encode()).toEqual(encode());
    expect(looks).toBe(1);
  });

  it("prints what is redacted, which the log lines don't", () => {
    const request = create(OpenAccountRequestSchema, { iban: "DE02120300000000202051" });
    expect(toText(OpenAccountRequestSchema, request)).toContain("DE02120300000000202051");
    expect(payloadText(OpenAccountRequestSchema, request, 1000)).not.toContain("DE02120300000000202051");
  });

  it("rejects text that isn't UTF-8", () => {
    const decode = (...text: readonly number[]) =>
      fromBinary(StringValueSchema, Uint8Array.from([0x0a, text.length, ...text]));
    expect(decode(0xc3, 0xbc).value).toBe("ü");
    expect(() => decode(0xc3)).toThrow();
  });

  it("takes a hundred messages within one another, and no more", () => {
    expect(() => fromBinary(DescriptorProtoSchema, nested(100))).not.toThrow();
    expect(() => fromBinary(DescriptorProtoSchema, nested(101))).toThrow();
  });
});

/** So many messages within one another: DescriptorProto's `nested_type` is its third field. */
function nested(depth: number): Uint8Array {
  let bytes: Uint8Array = new Uint8Array();
  for (let level = 1; level < depth; level += 1) {
    const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
    bytes = Uint8Array.from([0x1a, ...length, ...bytes]);
  }
  return bytes;
}

describe("the tools that are installed", () => {
  // protoc-gen-es from 2.14 needs Node 22, and so does vitest 5.
  it.each(["@bufbuild/protoc-gen-es", "vitest", "@bufbuild/protobuf", "@grpc/grpc-js"])(
    "%s runs on Node 20",
    (name) => {
      const manifest = JSON.parse(readFileSync(`${root}/node_modules/${name}/package.json`, "utf8"));
      expect(manifest.engines?.node ?? ">=20").toMatch(/\^20\.|>= ?(12|18|20)\b/);
    },
  );

  it("protoc-gen-es is older than the runtime that its output is used with", () => {
    const version = (name: string): string =>
      JSON.parse(readFileSync(`${root}/node_modules/${name}/package.json`, "utf8")).version;
    expect(version("@bufbuild/protoc-gen-es")).toBe("2.13.0");
    expect(version("@bufbuild/protobuf")).toMatch(/^2\.17\./);
  });
});
