import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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
  const golden = join(ROOT, "test/golden");
  const manifests: Manifest[] = [];
  for (const entry of readdirSync(golden, { withFileTypes: true }).filter((one) => one.isDirectory())) {
    const request = fromBinary(CodeGeneratorRequestSchema, readFileSync(join(golden, entry.name, "request.binpb")));
    const { response } = await generate({ ...request, parameter: "artifacts=k8s" });
    for (const { name, content } of response.file.filter((file) => isApplied(file.name))) {
      manifests.push(manifest(`${entry.name}/${name}`, content));
    }
  }
  const deploy = join(ROOT, "example/deploy");
  for (const path of readdirSync(deploy, { recursive: true }).map(String)) {
    if (isApplied(path)) {
      manifests.push(manifest(`example/${path}`, readFileSync(join(deploy, path), "utf8")));
    }
  }
  return manifests;
}

function manifest(name: string, yaml: string): Manifest {
  return { name, yaml, object: parse(yaml) };
}
