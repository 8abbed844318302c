import { clone, create, equals, toBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  FileDescriptorProtoSchema,
  SourceCodeInfoSchema,
  VersionSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { greetRequest } from "../request.fixture.js";
import { decodeRequest } from "./decode-request.js";

function withSourceInfo(): CodeGeneratorRequest {
  const request = greetRequest("target=ts");
  for (const file of request.protoFile) {
    file.sourceCodeInfo = create(SourceCodeInfoSchema, {
      location: [
        { path: [12], span: [0, 0, 18], leadingDetachedComments: [" License\n"], leadingComments: " Above\n" },
        { path: [6, 0], span: [4, 0, 6, 1], leadingComments: " Greets.\n" },
      ],
    });
  }
  request.compilerVersion = create(VersionSchema, { major: 1 });
  return request;
}

describe("decodeRequest", () => {
  it("gives what the decoder of protobuf-es gives", () => {
    const request = withSourceInfo();
    const decoded = decodeRequest(toBinary(CodeGeneratorRequestSchema, request));
    expect(equals(CodeGeneratorRequestSchema, decoded, request)).toBe(true);
    expect(decoded).toEqual(request);
  });

  it("decodes source info when it is asked for, once", () => {
    const [file] = decodeRequest(toBinary(CodeGeneratorRequestSchema, withSourceInfo())).protoFile;
    const property = () => Object.getOwnPropertyDescriptor(file, "sourceCodeInfo");
    expect(property()?.get).toBeDefined();
    const info = file?.sourceCodeInfo;
    expect(info?.location).toHaveLength(2);
    expect(property()?.get).toBeUndefined();
    expect(file?.sourceCodeInfo).toBe(info);
  });

  it("lets source info be replaced or taken away", () => {
    const [file] = decodeRequest(toBinary(CodeGeneratorRequestSchema, withSourceInfo())).protoFile;
    if (file === undefined) {
      return expect.unreachable();
    }
    delete file.sourceCodeInfo;
    expect(file.sourceCodeInfo).toBeUndefined();
  });

  it("takes a file that comes with all its options from there, wherever that is in the request", () => {
    const request = withSourceInfo();
    const sourceFileDescriptors = request.protoFile.map((file) => {
      const source = clone(FileDescriptorProtoSchema, file);
      source.package = "with.all.options";
      return source;
    });
    const parts = [
      create(CodeGeneratorRequestSchema, { sourceFileDescriptors }),
      request,
      create(CodeGeneratorRequestSchema, { parameter: "target=js" }),
    ];
    const decoded = decodeRequest(Buffer.concat(parts.map((part) => toBinary(CodeGeneratorRequestSchema, part))));
    expect(decoded.protoFile.map((each) => each.package)).toEqual(["with.all.options"]);
    expect(decoded.sourceFileDescriptors).toEqual([]);
    expect(decoded.parameter).toBe("target=js");
  });

  it("leaves out source info that can't be decoded", () => {
    const bytes = toBinary(CodeGeneratorRequestSchema, withSourceInfo());
    const license = Buffer.from(bytes).indexOf(" License");
    // The length of the comment: longer than all that follows.
    bytes[license - 1] = 0x7f;
    const [file] = decodeRequest(bytes).protoFile;
    expect(file?.service).toHaveLength(1);
    expect(file?.sourceCodeInfo?.location.length).toBeLessThan(2);
  });

  it.each([
    ["text", Buffer.from("syntax = 'proto3';\n")],
    ["a file that is cut off", toBinary(CodeGeneratorRequestSchema, withSourceInfo()).slice(0, 60)],
    ["a file that is no file", Uint8Array.of((15 << 3) | 2, 2, 0x08, 0x01, 0xff)],
  ])("throws on %s", (_, bytes) => {
    expect(() => decodeRequest(bytes)).toThrow();
  });
});
