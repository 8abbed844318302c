import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, SourceCodeInfoSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { commentedLocations, setSourceInfo } from "./encoded-source-info.js";

const INFO = create(SourceCodeInfoSchema, {
  location: [
    { span: [0, 0, 9, 1] },
    { path: [12], span: [0, 0, 18], leadingDetachedComments: [" License\n"] },
    { path: [4, 0], span: [2, 0, 4, 1], leadingComments: " A message.\n" },
    { path: [4, 0, 2, 0], span: [3, 2, 20], trailingComments: " A field.\n" },
    { path: [4, 0, 2, 1], span: [3, 2, 20] },
    { path: [6, 0], span: [5, 0, 8, 1], leadingComments: " A service.\n" },
    { path: [6, 0, 1], span: [5, 8, 20] },
    { path: [6, 0, 2, 4], span: [6, 2, 20], leadingComments: " A method.\n", trailingComments: " Of it.\n" },
  ],
});

const file = (encoded?: readonly Uint8Array[]) => {
  const proto = create(FileDescriptorProtoSchema, { sourceCodeInfo: INFO });
  if (encoded !== undefined) {
    setSourceInfo(proto, encoded);
  }
  return proto;
};

describe("commentedLocations", () => {
  const encoded = toBinary(SourceCodeInfoSchema, INFO);

  it.each([
    ["decoded", file()],
    ["encoded", file([encoded])],
  ])("finds the comments of a part: %s", (_, proto) => {
    const paths = (part: "messages" | "others") => commentedLocations(proto, part).map(({ path }) => path);
    expect(paths("messages")).toEqual([
      [4, 0],
      [4, 0, 2, 0],
    ]);
    expect(paths("others")).toEqual([[12], [6, 0], [6, 0, 2, 4]]);
  });

  it("gives the same locations, encoded or decoded", () => {
    for (const part of ["messages", "others"] as const) {
      expect(commentedLocations(file([encoded]), part)).toEqual(commentedLocations(file(), part));
    }
  });

  it("leaves source info encoded", () => {
    const proto = file([encoded]);
    commentedLocations(proto, "others");
    expect(Object.getOwnPropertyDescriptor(proto, "sourceCodeInfo")?.get).toBeDefined();
    expect(proto.sourceCodeInfo).toEqual(INFO);
    expect(commentedLocations(proto, "others")).toHaveLength(3);
  });

  it("takes source info that comes in pieces", () => {
    const [half, other] = [INFO.location.slice(0, 3), INFO.location.slice(3)].map((location) =>
      toBinary(SourceCodeInfoSchema, create(SourceCodeInfoSchema, { location })),
    );
    const proto = file([half ?? new Uint8Array(), other ?? new Uint8Array()]);
    expect(commentedLocations(proto, "messages")).toEqual(commentedLocations(file(), "messages"));
    expect(proto.sourceCodeInfo).toEqual(INFO);
  });

  it("reads paths that aren't packed, and empty ones", () => {
    const comment = [0x1a, 1, 0x78];
    const location = (...path: number[]) => [0x0a, path.length + comment.length, ...path, ...comment];
    const bytes = Uint8Array.from([...location(0x08, 6, 0x08, 4), ...location(0x08, 4), ...location(0x0a, 0)]);
    expect(commentedLocations(file([bytes]), "others").map(({ path }) => path)).toEqual([[6, 4], []]);
    expect(commentedLocations(file([bytes]), "messages").map(({ path }) => path)).toEqual([[4]]);
  });

  it("knows those up to where the bytes make no sense", () => {
    const proto = file([Uint8Array.from([...encoded, 0x0a, 0x7f, 0xff])]);
    expect(commentedLocations(proto, "others")).toHaveLength(3);
    expect(proto.sourceCodeInfo?.location).toHaveLength(INFO.location.length);
  });
});
