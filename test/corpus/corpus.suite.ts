import { generate } from "@accord-grpc/protoc-gen-accord";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GeneratedFolder } from "./generated-folder.js";
import { byPackage, compileGoogleProtos, corpusNames, requestFor } from "./google-protos.js";
import { protocGenEs } from "./protoc-gen-es.js";
import { SAMPLE } from "./sample.js";

// A sample of the corpus. `npm run corpus` tries all of it.

const PARAMETER = "target=ts,import_extension=js";

describe("Google's APIs, a sample", () => {
  const folder = new GeneratedFolder();
  let files: FileDescriptorProto[] = [];
  /** The sample, and what else its packages have of what it imports: a run generates whole packages. */
  let names: string[] = [];
  let generated = new Map<string, string>();

  beforeAll(async () => {
    files = compileGoogleProtos(SAMPLE);
    const messages = protocGenEs(requestFor(files, corpusNames(files), PARAMETER));
    const packages = new Set(files.filter(({ name }) => SAMPLE.includes(name)).map((file) => file.package));
    names = files.filter((file) => packages.has(file.package)).map(({ name }) => name);
    generated = await generateFor(names);
    folder.add(generated);
    folder.add(await messages);
  });

  afterAll(() => folder.remove());

  it("has a servicer and a client for each file, and the rest for each package", () => {
    const own = files.filter(({ name }) => names.includes(name));
    const packages = new Set(own.map((file) => file.package));
    const withServices = own.filter(({ service }) => service.length > 0).map(({ name }) => name);
    expect(withServices).toEqual(expect.arrayContaining([...SAMPLE]));
    const ending = (end: string) => [...generated.keys()].filter((path) => path.endsWith(end));
    expect(ending("_servicer.ts")).toEqual(withServices.map((path) => path.replace(/\.proto$/, "_servicer.ts")).sort());
    expect(ending("_client.ts")).toEqual(withServices.map((path) => path.replace(/\.proto$/, "_client.ts")).sort());
    for (const name of ["errors.ts", "channel.ts", "server.ts", "service_config.json"]) {
      expect(ending(name)).toHaveLength(packages.size);
    }
  });

  // A thousand files, on a machine that may have other things to do.
  it("passes the compiler at its strictest", { timeout: 300_000 }, async () => {
    expect(await folder.typeErrors()).toEqual([]);
  });

  it("is formatted and linted as biome wants it", async () => {
    expect(await folder.biomeComplaints()).toBe("");
  });

  it("is the same with a request for each package", async () => {
    const separately = new Map<string, string>();
    for (const part of byPackage(files, names)) {
      for (const [path, content] of await generateFor(part)) {
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
