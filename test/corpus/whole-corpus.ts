import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "@accord-grpc/protoc-gen-accord";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GeneratedFolder } from "./generated-folder.js";
import {
  byDirectory,
  compileGoogleProtos,
  corpusNames,
  GOOGLE_PROTOS,
  googleProtoNames,
  requestFor,
} from "./google-protos.js";
import { protocGenEs } from "./protoc-gen-es.js";

// All of the corpus: 8,000 files with 2,000 services. `npm test` tries a sample of it.

const PARAMETER = "target=ts,import_extension=js";

describe("Google's APIs", () => {
  const folder = new GeneratedFolder();
  let files: FileDescriptorProto[] = [];
  let names: string[] = [];
  let generated = new Map<string, string>();

  beforeAll(async () => {
    files = compileGoogleProtos();
    names = corpusNames(files);
    const messages = protocGenEs(requestFor(files, names, PARAMETER));
    generated = await generateFor(names);
    folder.add(generated);
    folder.add(await messages);
  });

  afterAll(() => folder.remove());

  it("has a servicer and a client for each file with services, and nothing is left out", () => {
    const withServices = googleProtoNames().filter((name) =>
      /^service\s/m.test(readFileSync(join(GOOGLE_PROTOS, name), "utf8")),
    );
    expect(withServices.length).toBeGreaterThan(1_600);
    for (const kind of ["servicer", "client"]) {
      expect([...generated.keys()].filter((path) => path.endsWith(`_${kind}.ts`))).toEqual(
        withServices.map((name) => name.replace(/\.proto$/, `_${kind}.ts`)).sort(),
      );
    }
  });

  it("passes the compiler at its strictest", async () => {
    expect(await folder.typeErrors()).toEqual([]);
  });

  it("is formatted and linted as biome wants it", async () => {
    expect(await folder.biomeComplaints()).toBe("");
  });

  it("is the same with a request for each directory", async () => {
    let count = 0;
    for (const directory of byDirectory(names)) {
      for (const [path, content] of await generateFor(directory)) {
        expect(content, path).toBe(generated.get(path));
        count++;
      }
    }
    expect(count).toBe(generated.size);
  });

  it("becomes manifests and documentation", async () => {
    const others = await generateFor(names, `${PARAMETER},artifacts=k8s+docs`);
    const count = (files: Iterable<string>, end: string) => [...files].filter((path) => path.endsWith(end)).length;
    const packages = count(generated.keys(), "/channel.ts");
    expect(count(others.keys(), "/k8s/deployment.yaml")).toBe(packages);
    expect(count(others.keys(), "/docs/grpc_load_balancing.md")).toBe(packages);
  });

  async function generateFor(selected: readonly string[], parameter = PARAMETER): Promise<Map<string, string>> {
    const { response } = await generate(requestFor(files, selected, parameter));
    expect(response.error).toBe("");
    return new Map(response.file.map(({ name, content }) => [name, content]));
  }
});
