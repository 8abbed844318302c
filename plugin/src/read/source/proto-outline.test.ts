import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outlineOf } from "./proto-outline.js";

const TEXT = `// service Comment { option (a) = {}; }
syntax = "proto3"; /* package not.this; */
package a.b;
import "x.proto";
option (file.option) = { list: [1, -2.5e3] };
service Greeter {
  option deprecated = true;
  rpc Greet(.a.b.Request) returns (stream Response) {
    option (a.one).two.three = "it's " 'a "string"';
    option (a.four) = { five < six: [ { seven: IDENT } ], [ext.ension]: 8 > };
  }
  rpc Plain(Request) returns (Response);
}
message Request {
  option (a.message) = {};
  reserved 4 to 6, 9;
  reserved "old";
  extensions 100 to max [declaration = { number: 100 }];
  map<string, int32> counts = 1 [(a.field) = { mark {} }];
  oneof choice {
    option (a.oneof) = true;
    string one = 2 [deprecated = true, (a.field).mark = {}];
  }
  message Inner { repeated .a.b.Kind kinds = 1; }
  enum Kind { option allow_alias = true; ZERO = 0; MINUS = -1 [(a.value) = {}]; }
  repeated group Result = 7 { optional string url = 1; }
}
extend Request { string extra = 100 [(a.field) = {}]; }
`;

describe("outlineOf", () => {
  const outline = outlineOf(TEXT);

  it("finds all elements, and where their names stand", () => {
    expect([...outline.keys()].sort()).toEqual([
      "enum Request.Kind",
      "enum_value Request.Kind.MINUS",
      "enum_value Request.Kind.ZERO",
      "field Request.Inner.kinds",
      "field Request.Result",
      "field Request.Result.url",
      "field Request.counts",
      "field Request.one",
      "file ",
      "message Request",
      "message Request.Inner",
      "message Request.Result",
      "rpc Greeter.Greet",
      "rpc Greeter.Plain",
      "service Greeter",
    ]);
    expect(outline.get("rpc Greeter.Greet")?.name).toMatchObject({ text: "Greet", line: 7, offset: 6 });
    expect(outline.get("file ")?.name).toMatchObject({ text: "package", line: 2 });
  });

  it("finds their options, by the names that they are written with", () => {
    const names = (key: string) => outline.get(key)?.options.map(({ name }) => name);
    expect(names("file ")).toEqual(["(file.option)"]);
    expect(names("service Greeter")).toEqual(["deprecated"]);
    expect(names("rpc Greeter.Greet")).toEqual(["(a.one).two.three", "(a.four)"]);
    expect(names("message Request")).toEqual(["(a.message)"]);
    expect(names("field Request.counts")).toEqual(["(a.field)"]);
    expect(names("field Request.one")).toEqual(["deprecated", "(a.field).mark"]);
    expect(names("enum Request.Kind")).toEqual(["allow_alias"]);
    expect(names("enum_value Request.Kind.MINUS")).toEqual(["(a.value)"]);
  });

  it("reads values as deep as they go", () => {
    const [one, four] = outline.get("rpc Greeter.Greet")?.options ?? [];
    expect(one?.values).toMatchObject([{ text: 'it\'s a "string"' }]);
    expect(four?.values).toMatchObject([
      { fields: [{ name: "five", values: [{ fields: [{ name: "six" }, { name: "[ext.ension]" }] }] }] },
    ]);
    expect(four?.values[0]?.fields[0]?.values[0]?.fields[0]?.values[0]?.fields).toMatchObject([
      { name: "seven", values: [{ text: "IDENT" }] },
    ]);
  });

  it("comes to an end with any text", () => {
    const piece = fc.constantFrom(
      ..."{}[]<>()=;:,.\"'/*\n ",
      "option",
      "message M",
      "rpc R",
      "a",
      "[(x) = {",
      "group G = 1 {",
      "//",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        expect(outlineOf(pieces.join("")).has("file ")).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(outlineOf("message M {".repeat(100_000)).size).toBeGreaterThan(0);
    expect(outlineOf(`option (x) = ${"{a".repeat(100_000)}`).size).toBeGreaterThan(0);
  });
});
