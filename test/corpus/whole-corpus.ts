import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "@accord-grpc/protoc-gen-accord";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GeneratedFolder } from "./generated-folder.js";
import {
  byPackage,
  compileGoogleProtos,
  corpusNames,
  GOOGLE_PROTOS,
  googleProtoNames,
  requestFor,
} from "./google-protos.js";
import { protocGenEs } from "./protoc-gen-es.js";

// All of the corpus. `npm test` tries a sample of it.

const PARAMETER = "target=ts,import_extension=js";

/** What google-proto-files 5.0.3 has: all of it is generated, or a test says what is missing. */
const CORPUS = { protos: 8_051, protosWithServices: 1_670, services: 1_966 };

describe("Google's APIs", () => {
  const folder = new GeneratedFolder();
  let files: FileDescriptorProto[] = [];
  let names: string[] = [];
  let generated = new Map<string, string>();

  beforeAll(async () => {
    files = compileGoogleProtos();
    names = corpusNames(files);
    // Of the messages, types are enough. To check their code too would take twice the time, and all of it is protoc-gen-es's.
    const messages = protocGenEs(requestFor(files, names, "target=dts,import_extension=js"));
    generated = await generateFor(names);
    folder.add(generated);
    folder.add(await messages);
  });

  afterAll(() => folder.remove());

  it("has a servicer and a client for each file with services, and nothing is left out", () => {
    const protos = googleProtoNames();
    const sources = protos.map((name) => ({ name, text: readFileSync(join(GOOGLE_PROTOS, name), "utf8") }));
    const withServices = sources.filter(({ text }) => /^service\s/m.test(text)).map(({ name }) => name);
    const services = sources.flatMap(({ text }) => text.match(/^service\s/gm) ?? []);
    expect({ protos: protos.length, protosWithServices: withServices.length, services: services.length }).toEqual(
      CORPUS,
    );
    for (const kind of ["servicer", "client"]) {
      expect([...generated.keys()].filter((path) => path.endsWith(`_${kind}.ts`))).toEqual(
        withServices.map((name) => name.replace(/\.proto$/, `_${kind}.ts`)).sort(),
      );
    }
    const clients = [...generated].filter(([path]) => path.endsWith("_client.ts"));
    expect(clients.flatMap(([, content]) => content.match(/^export class \w+\$? \{$/gm) ?? [])).toHaveLength(
      CORPUS.services,
    );
  });

  it("has a codec for each message that a method takes or returns", () => {
    const codecs = new Set<string>();
    for (const [path, content] of generated) {
      if (/(?:_codec|\/codecs)\.ts$/.test(path)) {
        for (const [, name] of content.matchAll(/^export const (\w+\$?): MessageCodec/gm)) {
          codecs.add(`${path}: ${name}`);
        }
      }
    }
    const inCorpus = new Set(names);
    const roots = files.flatMap((file) =>
      inCorpus.has(file.name)
        ? file.service.flatMap(({ method }) => method.flatMap(({ inputType, outputType }) => [inputType, outputType]))
        : [],
    );
    const own = new Set(roots.filter((name) => !name.startsWith(".google.protobuf.")));
    expect(codecs.size).toBeGreaterThanOrEqual(own.size);
  });

  it("passes the compiler at its strictest", async () => {
    expect(await folder.typeErrorsInParts()).toEqual([]);
  });

  it("is formatted and linted as biome wants it", async () => {
    expect(await folder.biomeComplaints()).toBe("");
  });

  it("is the same with a request for each package", async () => {
    let count = 0;
    for (const pkg of byPackage(files, names)) {
      for (const [path, content] of await generateFor(pkg)) {
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
