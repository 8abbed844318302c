import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Deployment } from "kubernetes-models/apps/v1";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { ConfigMap, Service } from "kubernetes-models/v1";
import { parseAllDocuments } from "yaml";
import { program } from "../../scripts/programs.mjs";

const run = promisify(execFile);
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Kubernetes' own schemas of what is emitted: they check at run time, and their interfaces know every field's name. */
const MODELS = {
  ConfigMap: { from: "kubernetes-models/v1", model: ConfigMap },
  Service: { from: "kubernetes-models/v1", model: Service },
  Deployment: { from: "kubernetes-models/apps/v1", model: Deployment },
  HorizontalPodAutoscaler: { from: "kubernetes-models/autoscaling/v2", model: HorizontalPodAutoscaler },
  PodDisruptionBudget: { from: "kubernetes-models/policy/v1", model: PodDisruptionBudget },
} as const;

/** A manifest as Kubernetes reads it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec?: unknown;
}

/** Reads a manifest. @throws if it isn't one YAML document, or has a key twice */
export function parseManifest(yaml: string): Manifest {
  const documents = parseAllDocuments(yaml, { strict: true, uniqueKeys: true });
  const [document] = documents;
  if (document === undefined || !("toJS" in document) || documents.length !== 1) {
    throw new Error(`${documents.length} documents in one file`);
  }
  for (const problem of [...document.errors, ...document.warnings]) {
    throw problem;
  }
  return document.toJS() as Manifest;
}

/** Checks a manifest against the JSON schema of its kind. @throws if it isn't valid, or of another kind than we emit */
export function validateManifest(manifest: Manifest): void {
  if (!isKnown(manifest.kind)) {
    throw new Error(`There is no schema of ${manifest.kind} here`);
  }
  const { model } = MODELS[manifest.kind];
  new model(manifest as never).validate();
}

/**
 * The fields that Kubernetes doesn't know, which its JSON schemas let pass and `kubectl` doesn't: the compiler finds them, as
 * properties in excess.
 *
 * @returns what the compiler says, a line each
 */
export async function unknownFields(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "accord-manifests-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    const kinds = manifests.map(({ kind }) => kind).filter(isKnown);
    const imports = [...new Set(kinds)].map((kind) => `import type { I${kind} } from "${MODELS[kind].from}";`);
    const constants = manifests.map(
      (manifest, index) => `export const m${index}: I${manifest.kind} = ${JSON.stringify(manifest, null, 2)};`,
    );
    writeFileSync(join(folder, "manifests.ts"), [...imports, ...constants, ""].join("\n"));
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: { strict: true, noEmit: true, module: "NodeNext", skipLibCheck: true, types: [] },
        include: ["manifests.ts"],
      }),
    );
    const { stdout } = await run(...program("tsc", ["-p", folder, "--pretty", "false"])).catch(
      (error: { stdout: string }) => error,
    );
    return stdout.split("\n").filter((line) => line !== "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isKnown(kind: string): kind is keyof typeof MODELS {
  return Object.hasOwn(MODELS, kind);
}
