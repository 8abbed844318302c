import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { elementPlace, OptionPlace } from "./place.js";
import { readRawContract } from "./read-contract.js";
import { commentOf, positionOf } from "./source-index.js";

interface Location {
  readonly path: readonly number[];
  /** Counted from 0, as compilers do. */
  readonly span: readonly number[];
  readonly leadingComments?: string;
  readonly trailingComments?: string;
}

/** `service Ledger { rpc Get }`, with source info as a compiler may give it. */
function fileWith(location: readonly Location[]): DescFile {
  const file = create(FileDescriptorProtoSchema, {
    name: "ledger.proto",
    syntax: "proto3",
    messageType: [{ name: "Message" }],
    service: [{ name: "Ledger", method: [{ name: "Get", inputType: ".Message", outputType: ".Message" }] }],
    sourceCodeInfo: { location: location.map((each) => ({ ...each, path: [...each.path], span: [...each.span] })) },
  });
  const found = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getFile("ledger.proto");
  if (found === undefined) {
    throw new Error("the file isn't there");
  }
  return found;
}

function methodOf(file: DescFile) {
  const method = readRawContract([file], new Set()).files[0]?.services[0]?.methods[0];
  if (method === undefined) {
    throw new Error("the method isn't there");
  }
  return method;
}

// Where the method's option is: service 0, method 0, options, Accord's.
const OPTION = [6, 0, 2, 0, 4, 51507];
const RAISES = 2;
const CALL = 1;

describe("positionOf", () => {
  it("gives the value's own location", () => {
    const { at } = methodOf(fileWith([{ path: [...OPTION, CALL, 1], span: [7, 4, 20] }]));
    expect(positionOf(at.at("call").at("timeout"))).toEqual({ line: 8, column: 5 });
  });

  it("gives what is within, where a message has no location of its own", () => {
    const file = fileWith([
      { path: OPTION, span: [1, 0, 9, 0] },
      { path: [...OPTION, CALL, 3, 4], span: [6, 4, 20] },
      { path: [...OPTION, CALL, 3, 1], span: [5, 4, 20] },
    ]);
    expect(positionOf(methodOf(file).at.at("call").at("retry"))).toEqual({ line: 6, column: 5 });
  });

  it("gives what is around it, where there is nothing closer", () => {
    const { at, desc } = methodOf(
      fileWith([
        { path: [6, 0, 2, 0], span: [3, 2, 6, 3] },
        { path: [6, 0, 2, 0, 1], span: [3, 6, 9] },
        { path: OPTION, span: [4, 4, 5, 8] },
      ]),
    );
    expect(positionOf(at.at("call").at("retry").at("maxAttempts"))).toEqual({ line: 5, column: 5 });
    expect(positionOf(elementPlace(desc))).toEqual({ line: 4, column: 7 });
  });

  it("gives the element, where nothing is known of its option", () => {
    const file = fileWith([{ path: [6, 0, 2, 0], span: [3, 2, 6, 3] }]);
    expect(positionOf(methodOf(file).at.at("call"))).toEqual({ line: 4, column: 3 });
  });

  it("doesn't take another option of the element for Accord's", () => {
    const file = fileWith([
      { path: [6, 0, 2, 0], span: [3, 2, 6, 3] },
      { path: [6, 0, 2, 0, 4], span: [5, 4, 20] },
      { path: [6, 0, 2, 0, 4, 34], span: [5, 4, 20] },
    ]);
    expect(positionOf(methodOf(file).at)).toEqual({ line: 4, column: 3 });
  });

  it("gives the file's start, where there is no source info", () => {
    expect(positionOf(methodOf(fileWith([])).at)).toEqual({ line: 1, column: 1 });
  });

  it("finds the elements of a list by their occurrences", () => {
    const at = (occurrences: number, index: number, of: number) => {
      const locations = Array.from({ length: occurrences }, (_, line) => ({
        path: [...OPTION, RAISES, line],
        span: [10 + line, 0, 1],
      }));
      return positionOf(methodOf(fileWith(locations)).at.at("raises", { index, of })).line;
    };
    // raises: "A" raises: "B" raises: "C"
    expect([at(3, 0, 3), at(3, 1, 3), at(3, 2, 3)]).toEqual([11, 12, 13]);
    // raises: ["A", "B", "C"]
    expect([at(1, 0, 3), at(1, 1, 3), at(1, 2, 3)]).toEqual([11, 11, 11]);
    // Two occurrences for three: the one in the middle may be in either, and is told with the first.
    expect([at(2, 0, 3), at(2, 1, 3), at(2, 2, 3)]).toEqual([11, 11, 12]);
  });
});

describe("OptionPlace", () => {
  it("goes on into a map's entry", () => {
    const service = readRawContract([fileWith([])], new Set()).files[0]?.services[0];
    const codes = service?.at.at("retryPolicies", { key: "gentle" }).at("codes", { index: 0, of: 1 });
    expect(codes?.option).toEqual({
      extension: "accord.v1.service",
      path: ["retry_policies", { key: "gentle" }, "codes", { index: 0, of: 1 }],
    });
  });

  it("refuses fields that don't exist", () => {
    const { at } = methodOf(fileWith([]));
    const untyped = new OptionPlace<{ nothing: string }>({ ...at, schema: undefined });
    expect(() => untyped.at("nothing")).toThrow("has no field nothing");
  });
});

describe("commentOf", () => {
  const file = fileWith([
    {
      path: [6, 0],
      span: [0, 0, 1],
      leadingComments: " Moves money.\n\n   indented  \n buf:lint:ignore SERVICE_SUFFIX\n",
    },
    { path: [6, 0, 2, 0], span: [0, 0, 1], leadingComments: " Before.\n", trailingComments: " Behind.\r\n More.\n" },
    { path: [4, 0], span: [0, 0, 1], leadingComments: " buf:lint:ignore ALL\n" },
  ]);

  it("gives the text, without the comment's own indentation and without instructions to linters", () => {
    expect(file.services.map(commentOf)).toEqual(["Moves money.\n\n  indented"]);
    expect(file.messages.map(commentOf)).toEqual([undefined]);
  });

  it("puts what stands behind after what stands before", () => {
    expect(commentOf(methodOf(file).desc)).toBe("Before.\n\nBehind.\nMore.");
  });

  it("gives nothing where there is no comment, or no source info", () => {
    expect(commentOf(file)).toBeUndefined();
    expect(commentOf(methodOf(fileWith([])).desc)).toBeUndefined();
  });
});
