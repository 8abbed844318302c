// Reads what protovalidate's conformance runner wrote: prints what became of each case, and keeps the cases of all suites, with the
// protos of their messages, for tests that can't have the runner.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { ViolationsSchema } from "../../../runtime/src/gen/buf/validate/violations_pb.js";
import type { RecordedCase } from "../../validate/recorded-cases.js";
import {
  type CaseResult as GotCase,
  ResultSetSchema,
  type SuiteResults,
  type TestResult,
} from "../gen/protovalidate/accord/proof/validate/v1/harness_pb.js";
import type { CaseResult } from "../suite.js";

// Whose messages have times around the moment of the run.
const OF_NOW = /^standard_rules\/well_known_types\/timestamp\/(?:gt_now|lt_now|within)\//;

const [, , results = "", folder = ""] = process.argv;
const { suites } = fromBinary(ResultSetSchema, readFileSync(results));
recordCases(suites);
const outcomes = suites.flatMap(({ name, cases }) => cases.map((each) => resultOf(name, each)));
writeFileSync(1, JSON.stringify(outcomes));

function resultOf(suite: string, { name, success, got }: GotCase): CaseResult {
  const result = { name: `${suite}/${name}`, outcome: success ? "passed" : "failed" } as const;
  const text = (): string =>
    JSON.stringify(got?.result, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  return success ? result : { ...result, message: text().slice(0, 300) };
}

function recordCases(suites: readonly SuiteResults[]): void {
  const files = new Map<string, FileDescriptorProto>();
  for (const file of suites.flatMap(({ fdset }) => fdset?.file ?? [])) {
    files.set(file.name, file);
  }
  const set = create(FileDescriptorSetSchema, { file: inOrder(files) });
  const cases = suites
    .flatMap(({ name: suite, cases }) =>
      cases.flatMap(({ name, input, wanted }): RecordedCase[] =>
        input === undefined || OF_NOW.test(`${suite}/${name}`)
          ? []
          : [
              {
                name: `${suite}/${name}`,
                type: input.typeUrl.slice(input.typeUrl.lastIndexOf("/") + 1),
                input: Buffer.from(input.value).toString("base64"),
                wanted: wantedOf(wanted),
              },
            ],
      ),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  writeFileSync(join(folder, "protos.binpb"), toBinary(FileDescriptorSetSchema, set));
  writeFileSync(join(folder, "cases.jsonl"), cases.map((each) => `${JSON.stringify(each)}\n`).join(""));
}

function wantedOf(wanted: TestResult | undefined): string {
  const result = wanted?.result;
  return result?.case === "validationError"
    ? Buffer.from(
        toBinary(ViolationsSchema, create(ViolationsSchema, { violations: result.value.violations })),
      ).toString("base64")
    : (result?.case ?? "");
}

/** Each file after those that it imports. */
function inOrder(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const add = (file: FileDescriptorProto | undefined): void => {
    if (file !== undefined && !ordered.has(file)) {
      for (const name of file.dependency) {
        add(files.get(name));
      }
      ordered.add(file);
    }
  };
  for (const name of [...files.keys()].sort()) {
    add(files.get(name));
  }
  return [...ordered];
}
