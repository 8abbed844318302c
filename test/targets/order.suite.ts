import { generate } from "@accord-grpc/protoc-gen-accord";
import { toBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorResponseSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goldenCases, readRequest } from "../golden/golden-case.js";

// Compilers differ in the order of a request's files, and in whether they send `source_file_descriptors` along.

describe.each(goldenCases())("%s", (name) => {
  it("generates the same bytes from files in any order", async () => {
    const request = readRequest(name);
    const expected = await bytesFor(request);
    await fc.assert(
      fc.asyncProperty(shuffled(request), async (other) => {
        expect(await bytesFor(other)).toEqual(expected);
      }),
      { numRuns: 4 },
    );
  });
});

async function bytesFor(request: CodeGeneratorRequest): Promise<Buffer> {
  const { response } = await generate(request);
  expect(response.error).toBe("");
  return Buffer.from(toBinary(CodeGeneratorResponseSchema, response));
}

/** The same request in another order: each file after those that it imports, as compilers promise. */
function shuffled(request: CodeGeneratorRequest): fc.Arbitrary<CodeGeneratorRequest> {
  return fc
    .record({
      fileToGenerate: permutation(request.fileToGenerate),
      protoFile: permutation(request.protoFile).map(importsFirst),
      sources: permutation(request.protoFile.filter((file) => request.fileToGenerate.includes(file.name))),
      withSources: fc.boolean(),
    })
    .map(({ fileToGenerate, protoFile, sources, withSources }) => ({
      ...request,
      fileToGenerate,
      protoFile,
      sourceFileDescriptors: withSources ? sources : [],
    }));
}

function permutation<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length });
}

function importsFirst(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const ordered = new Set<FileDescriptorProto>();
  const add = (file: FileDescriptorProto | undefined): void => {
    if (file !== undefined && !ordered.has(file)) {
      file.dependency.forEach((name) => {
        add(byName.get(name));
      });
      ordered.add(file);
    }
  };
  files.forEach(add);
  return [...ordered];
}
