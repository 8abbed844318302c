import { generate } from "@accord-grpc/protoc-gen-accord";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GeneratedFolder } from "./generated-folder.js";
import { byDirectory, compileGoogleProtos, corpusNames, requestFor } from "./google-protos.js";
import { protocGenEs } from "./protoc-gen-es.js";
import { SAMPLE } from "./sample.js";

// A sample of the corpus. `npm run corpus` tries all of it.

const PARAMETER = "target=ts,import_extension=js";

describe("Google's APIs, a sample", () => {
  const folder = new GeneratedFolder();
  let files: FileDescriptorProto[] = [];
  let generated = new Map<string, string>();

  beforeAll(async () => {
    files = compileGoogleProtos(SAMPLE);
    const messages = protocGenEs(requestFor(files, corpusNames(files), PARAMETER));
    generated = await generateFor(SAMPLE);
    folder.add(generated);
    folder.add(await messages);
  });

  afterAll(() => folder.remove());

  it("has a servicer and a client for each file, and the rest for each package", () => {
    const packages = new Set(files.filter(({ name }) => SAMPLE.includes(name)).map((file) => file.package));
    const ending = (end: string) => [...generated.keys()].filter((path) => path.endsWith(end));
    expect(ending("_servicer.ts")).toEqual(SAMPLE.map((path) => path.replace(/\.proto$/, "_servicer.ts")).sort());
    expect(ending("_client.ts")).toEqual(SAMPLE.map((path) => path.replace(/\.proto$/, "_client.ts")).sort());
    for (const name of ["errors.ts", "channel.ts", "server.ts", "service_config.json"]) {
      expect(ending(name)).toHaveLength(packages.size);
    }
  });

  it("passes the compiler at its strictest", async () => {
    expect(await folder.typeErrors()).toEqual([]);
  });

  it("is formatted and linted as biome wants it", async () => {
    expect(await folder.biomeComplaints()).toBe("");
  });

  it("is the same with a request for each directory", async () => {
    const separately = new Map<string, string>();
    for (const names of byDirectory(SAMPLE)) {
      for (const [path, content] of await generateFor(names)) {
        expect(separately.has(path), path).toBe(false);
        separately.set(path, content);
      }
    }
    expect([...separately.keys()].sort()).toEqual([...generated.keys()].sort());
    for (const [path, content] of separately) {
      expect(content, path).toBe(generated.get(path));
    }
  });

  async function generateFor(names: readonly string[]): Promise<Map<string, string>> {
    const { response } = await generate(requestFor(files, names, PARAMETER));
    expect(response.error).toBe("");
    return new Map(response.file.map(({ name, content }) => [name, content]));
  }
});
