import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { generate } from "@accord-grpc/protoc-gen-accord";
import { fromBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt";
import { parse } from "yaml";
import { ROOT } from "../folders.js";
import { isApplied } from "./openapi-check.js";

/** A generated manifest. */
export interface Manifest {
  /** Where it comes from, and its path there: a case's name. */
  readonly name: string;
  readonly yaml: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly spec?: { readonly template?: { readonly metadata: object; readonly spec: object } };
  };
}

/** All manifests that are generated of the golden cases' protos, and the example's. */
export async function generatedManifests(): Promise<readonly Manifest[]> {
  return [...(await generatedFiles())]
    .filter(([name]) => isApplied(name))
    .map(([name, yaml]) => ({ name, yaml, object: parse(yaml) }));
}

/** The folders that are made for packages, each with what `kubectl` and kustomize find in it: name → file → content. */
export async function generatedFolders(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const folders = new Map<string, Map<string, string>>();
  for (const [name, content] of await generatedFiles()) {
    const folder = folders.get(dirname(name)) ?? new Map<string, string>();
    folders.set(dirname(name), folder.set(basename(name), content));
  }
  return folders;
}

async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const golden = join(ROOT, "test/golden");
  const files = new Map<string, string>();
  for (const entry of readdirSync(golden, { withFileTypes: true }).filter((one) => one.isDirectory())) {
    const request = fromBinary(CodeGeneratorRequestSchema, readFileSync(join(golden, entry.name, "request.binpb")));
    const { response } = await generate({ ...request, parameter: "artifacts=k8s" });
    for (const { name, content } of response.file) {
      files.set(`${entry.name}/${name}`, content);
    }
  }
  const deploy = join(ROOT, "example/deploy");
  for (const entry of readdirSync(deploy, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(`example/${relative(deploy, path)}`, readFileSync(path, "utf8"));
  }
  return files;
}
