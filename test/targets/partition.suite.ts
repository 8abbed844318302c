import { generate } from "@accord-grpc/protoc-gen-accord";
import { create } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goldenCases, readRequest } from "../golden/golden-case.js";
import { type Cohesion, randomFiles } from "./random-files.js";

// However a request is cut (buf for each directory, `--path`, protoc file by file, a Bazel target), its parts give what the
// whole gives, byte for byte, or stop and say what to run.

// The first often: it is what most people generate.
const PARAMETERS = ["", "", "artifacts=client", "artifacts=k8s+docs"].map(
  (more) => `target=ts,import_extension=js,${more}`,
);

type Files = ReadonlyMap<string, string>;
type Result = { readonly files: Files; readonly error: "" } | { readonly files: undefined; readonly error: string };

async function run(request: CodeGeneratorRequest): Promise<Result> {
  const { response } = await generate(request);
  return response.error === ""
    ? { files: new Map(response.file.map(({ name, content }) => [name, content])), error: "" }
    : { files: undefined, error: response.error };
}

function requestFor(
  protoFile: readonly FileDescriptorProto[],
  fileToGenerate: readonly string[],
  parameter: string,
): CodeGeneratorRequest {
  return create(CodeGeneratorRequestSchema, {
    protoFile: [...protoFile],
    fileToGenerate: [...fileToGenerate],
    parameter,
  });
}

async function wholeOf(request: CodeGeneratorRequest): Promise<Files> {
  const { files, error } = await run(request);
  expect(error).toBe("");
  return files ?? new Map();
}

/** What a part of a compiler's input has: its files, and all that they import. */
function closureOf(files: readonly FileDescriptorProto[], names: readonly string[]): FileDescriptorProto[] {
  const wanted = new Set(names);
  // A file stands behind those that it imports.
  for (const file of files.toReversed()) {
    if (wanted.has(file.name)) {
      for (const name of file.dependency) {
        wanted.add(name);
      }
    }
  }
  return files.filter(({ name }) => wanted.has(name));
}

/** Puts each of some things into one of a few groups. */
function partitioned<T>(items: readonly T[]): fc.Arbitrary<T[][]> {
  return fc
    .array(fc.nat(2), { minLength: items.length, maxLength: items.length })
    .map((groups) =>
      [0, 1, 2].map((group) => items.filter((_, index) => groups[index] === group)).filter((part) => part.length > 0),
    );
}

function expectStopped(error: string): void {
  for (const line of error.split("\n")) {
    // An error that the run can't find may be in a part of the package that it doesn't see.
    expect(line).toMatch(/ error (PACKAGE_PARTIAL|RAISES_UNKNOWN): .*`strategy: all`.*protoc/);
  }
}

/** Every part stops, or gives files of the whole; and if none stops, together they give all of it. */
function expectParts(results: readonly Result[], whole: Files): void {
  const together = new Map<string, string>();
  for (const { files, error } of results) {
    if (files === undefined) {
      expectStopped(error);
      continue;
    }
    for (const [path, content] of files) {
      expect(content, path).toBe(whole.get(path));
      together.set(path, content);
    }
  }
  if (results.every(({ error }) => error === "")) {
    expect([...together.keys()].sort()).toEqual([...whole.keys()]);
  }
}

/** A part that comes first can't know of what follows. But then one of the others stops. */
function expectCut(results: readonly Result[], whole: Files): void {
  const stopped = results.filter(({ error }) => error !== "");
  for (const { error } of stopped) {
    expectStopped(error);
  }
  if (stopped.length === 0) {
    expectParts(results, whole);
  }
}

describe("a request that is cut gives the files of the whole, or stops", () => {
  const cutAnywhere = (cohesion: Cohesion) =>
    randomFiles(cohesion).chain((files) =>
      fc.record({
        files: fc.constant(files),
        parts: partitioned(files.map(({ name }) => name)),
        parameter: fc.constantFrom(...PARAMETERS),
      }),
    );

  it("where each part sees all files", async () => {
    const seen = { stopped: 0, generated: 0 };
    await fc.assert(
      fc.asyncProperty(cutAnywhere("loose"), async ({ files, parts, parameter }) => {
        const whole = await wholeOf(requestFor(files, parts.flat(), parameter));
        const results = await Promise.all(parts.map((part) => run(requestFor(files, part, parameter))));
        expectParts(results, whole);
        seen.stopped += results.filter(({ error }) => error !== "").length;
        seen.generated += results.filter((result) => (result.files?.size ?? 0) > 0).length;
      }),
      { numRuns: 25 },
    );
    // The property says nothing of parts that all stop, or that have nothing to generate.
    expect(Math.min(seen.stopped, seen.generated)).toBeGreaterThan(5);
  });

  it("where each part sees only what it imports, and the files of a package import one another", async () => {
    await fc.assert(
      fc.asyncProperty(cutAnywhere("chained"), async ({ files, parts, parameter }) => {
        const whole = await wholeOf(requestFor(files, parts.flat(), parameter));
        const results = await Promise.all(
          parts.map((part) => run(requestFor(closureOf(files, part), part, parameter))),
        );
        expectCut(results, whole);
      }),
      { numRuns: 25 },
    );
  });

  it("and never stops where no package is cut", async () => {
    const cutBetweenPackages = randomFiles("loose").chain((files) =>
      fc.record({
        files: fc.constant(files),
        packages: partitioned([...new Set(files.map((file) => file.package))]),
        parameter: fc.constantFrom(...PARAMETERS),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cutBetweenPackages, async ({ files, packages, parameter }) => {
        const parts = packages.map((group) =>
          files.filter((file) => group.includes(file.package)).map(({ name }) => name),
        );
        const whole = await wholeOf(requestFor(files, parts.flat(), parameter));
        const results = await Promise.all(
          parts.map((part) => run(requestFor(closureOf(files, part), part, parameter))),
        );
        expect(results.map(({ error }) => error).join("")).toBe("");
        expectParts(results, whole);
      }),
      { numRuns: 25 },
    );
  });
});

describe.each(goldenCases())("the golden case %s", (name) => {
  it("file by file", async () => {
    const { protoFile, fileToGenerate, parameter } = readRequest(name);
    const whole = await wholeOf(requestFor(protoFile, fileToGenerate, parameter));
    const results = await Promise.all(
      fileToGenerate.map((file) => run(requestFor(closureOf(protoFile, [file]), [file], parameter))),
    );
    expectCut(results, whole);
  });
});
