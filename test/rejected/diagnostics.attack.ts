import { generate } from "@accord-grpc/protoc-gen-accord";
import { create } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, it } from "vitest";
import { readContract } from "../../plugin/src/contract.js";
import { parseManifest, validateManifest } from "../artifacts/manifest-schema.js";
import { arbitraryContract } from "./arbitrary-contract.js";

const ALL = new Set(["fuzz/v1/fuzz.proto"]);
const NONE = new Set<string>();
const RUNS = Number(process.env.FUZZ_RUNS ?? 120);

// With much said of everything, hardly a contract is valid; with little, many are.
it.each([1, 9])("gives diagnostics or a model for any options, and never throws (%i tenths have some)", (density) => {
  let models = 0;
  fc.assert(
    fc.property(arbitraryContract(density), (files) => {
      const { model, diagnostics } = readContract(files, ALL);
      expect(model === undefined).toBe(diagnostics.some(({ severity }) => severity === "error"));
      models += model === undefined ? 0 : 1;
      for (const { line, column, message } of diagnostics) {
        expect([line, column]).toEqual([1, 1]);
        expect(message).not.toMatch(/undefined|\[object|(?<!")NaN(?![:"])/);
      }
      // What is only imported isn't checked, however wrong it is, and no model is made of it.
      expect(readContract(files, NONE)).toEqual({ model: { packages: [] }, diagnostics: [] });
    }),
    { numRuns: RUNS },
  );
  expect(models).toBeGreaterThan(density === 1 ? 0 : -1);
});

const PARAMETER = "target=ts,artifacts=errors+servicer+client+channel+server+service_config+k8s+docs";

it("gives either errors or all artifacts, and these are well-formed", async () => {
  let complete = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryContract(1), async (files) => {
      const { response } = await generate(
        create(CodeGeneratorRequestSchema, {
          parameter: PARAMETER,
          fileToGenerate: [...ALL],
          protoFile: files.map(({ proto }) => proto),
        }),
      );
      expect(response.file.length > 0).toBe(response.error === "");
      complete += response.file.length > 0 ? 1 : 0;
      for (const { name, content } of response.file) {
        if (name.endsWith(".json")) {
          JSON.parse(content);
        } else if (name.endsWith(".yaml")) {
          validateManifest(parseManifest(content));
        } else if (/\.(?:md|svg)$/.test(name)) {
          expect(content.replace(/`[^`]*`/g, ""), name).not.toMatch(/undefined|\[object|NaN|\{\{/);
        }
      }
    }),
    { numRuns: Math.ceil(RUNS / 3) },
  );
  expect(complete).toBeGreaterThan(0);
}, 60_000);
