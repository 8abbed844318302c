import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fitsPattern } from "../case-pattern.js";
import { PROOF } from "../folders.js";
import { goModule } from "../go.js";
import type { CaseResult, Suite, SuiteRequest, SuiteRun } from "../suite.js";
import { makeNamespace, resourcePath } from "./api-paths.js";
import { type ApiAnswer, type ApiServer, KUBERNETES_VERSION, startApiServer } from "./api-server.js";
import { runKubectl } from "./kubectl.js";
import type { Manifest } from "./manifests.js";
import { extractSchemas, printSchemas } from "./openapi-extract.js";

const MANAGER = "fieldManager=proof&dryRun=All";

/** Kubernetes' own API server, asked whether it would take the manifests that Accord generates. */
export const kubernetesApiServer: Suite = {
  name: "kubernetes",
  title: "Kubernetes' API server: server-side apply, strict, Pod Security restricted",
  source: "https://github.com/kubernetes/kubernetes",
  quick: false,
  knownFailures: "kubernetes/known-failures.txt",
  run: runKubernetes,
};

/** kubectl against that server: what is applied again is unchanged, and kustomize's overlays reach what clients dial. */
export const kubectlApply: Suite = {
  name: "kubectl",
  title: "kubectl: apply, apply again, kustomize's overlays",
  source: "https://github.com/kubernetes/kubectl",
  quick: false,
  knownFailures: "kubernetes/known-failures-kubectl.txt",
  run: runKubectl,
};

async function runKubernetes(request: SuiteRequest): Promise<SuiteRun> {
  // What each commit is checked against is taken from the same version.
  const schemas = extractSchemas(await goModule("k8s.io/kubernetes", KUBERNETES_VERSION), KUBERNETES_VERSION);
  writeFileSync(join(PROOF, "kubernetes/openapi.json"), printSchemas(schemas));
  // Here, so that only this suite loads the plugin.
  const { generatedManifests } = await import("./manifests.js");
  const manifests = (await generatedManifests()).filter(
    ({ name }) => request.patterns.length === 0 || request.patterns.some((pattern) => fitsPattern(name, pattern)),
  );
  const server = await startApiServer(request.verbose);
  try {
    for (const namespace of new Set(manifests.map(namespaceOf))) {
      await makeNamespace(server, namespace);
    }
    const cases: CaseResult[] = [];
    for (const manifest of manifests) {
      cases.push(await apply(server, manifest));
      cases.push(...(await runPod(server, manifest)));
    }
    return { version: `Kubernetes ${KUBERNETES_VERSION}`, cases };
  } finally {
    await server.stop();
  }
}

/** As `kubectl apply --server-side --dry-run=server --validate=strict` does it. */
async function apply(server: ApiServer, manifest: Manifest): Promise<CaseResult> {
  const { apiVersion, kind, metadata } = manifest.object;
  const path = `${resourcePath(apiVersion, kind, namespaceOf(manifest))}/${encodeURIComponent(metadata.name)}`;
  const query = `${MANAGER}&fieldValidation=Strict&force=false`;
  return verdict(
    manifest.name,
    await server.send("PATCH", `${path}?${query}`, "application/apply-patch+yaml", manifest.yaml),
  );
}

/** A Deployment only makes pods; whether Pod Security lets them in is asked with one of them. */
async function runPod(server: ApiServer, manifest: Manifest): Promise<readonly CaseResult[]> {
  const template = manifest.object.spec?.template;
  if (template === undefined) {
    return [];
  }
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, name: "proof" },
    spec: template.spec,
  };
  const path = `${resourcePath("v1", "Pod", namespaceOf(manifest))}?${MANAGER}&fieldValidation=Strict`;
  return [verdict(`${manifest.name}/pod`, await server.send("POST", path, "application/json", JSON.stringify(pod)))];
}

function verdict(name: string, { status, body, warnings }: ApiAnswer): CaseResult {
  const isTaken = status === 200 || status === 201;
  if (isTaken && warnings.length === 0) {
    return { name, outcome: "passed" };
  }
  return { name, outcome: "failed", message: isTaken ? warnings.join("; ") : `${status}: ${body.slice(0, 500)}` };
}

function namespaceOf({ object }: Manifest): string {
  return object.metadata.namespace ?? "default";
}
