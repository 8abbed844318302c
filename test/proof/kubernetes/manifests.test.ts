import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { generateArtifacts } from "../../artifacts/generate-artifacts.js";
import { checkManifest, isApplied } from "./openapi-check.js";
import type { KubernetesSchemas } from "./openapi-extract.js";

const GOLDEN = join(import.meta.dirname, "../../golden");
const schemas = JSON.parse(readFileSync(join(import.meta.dirname, "openapi.json"), "utf8")) as KubernetesSchemas;
const cases = readdirSync(GOLDEN, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

function parse(yaml: string): unknown {
  return parseAllDocuments(yaml, { strict: true, uniqueKeys: true })[0]?.toJS();
}

// The API server itself is asked by `npm run proof -- kubernetes`; its own schemas are asked for each commit.
describe("generated manifests", () => {
  it.each(cases)("fit the schemas of Kubernetes' API server: %s", async (goldenCase) => {
    const files = await generateArtifacts(goldenCase, "artifacts=k8s");
    const applied = [...files].filter(([path]) => isApplied(path));
    expect(applied.length).toBeGreaterThan(0);
    for (const [path, yaml] of applied) {
      expect(checkManifest(parse(yaml), schemas), path).toEqual([]);
    }
  });
});

describe("the check", () => {
  const deployment = (change: (spec: Record<string, unknown>) => void) => {
    const container: Record<string, unknown> = { name: "a", image: "b", ports: [{ containerPort: 1 }] };
    change(container);
    const template = { metadata: { labels: { app: "a" } }, spec: { containers: [container] } };
    const selector = { matchLabels: { app: "a" } };
    return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" }, spec: { selector, template } };
  };

  it.each<readonly [string, (container: Record<string, unknown>) => void, readonly string[]]>([
    ["what is right", () => {}, []],
    ["an int-or-string", (one) => Object.assign(one, { livenessProbe: { tcpSocket: { port: "grpc" } } }), []],
    [
      "a field that isn't known",
      (one) => Object.assign(one, { imagePolicy: "Always" }),
      [".spec.template.spec.containers[0].imagePolicy: Kubernetes has no such field"],
    ],
    [
      "a wrong type",
      (one) => Object.assign(one, { ports: [{ containerPort: "1" }] }),
      ['.spec.template.spec.containers[0].ports[0].containerPort: "1" is no integer'],
    ],
    [
      "a missing field",
      (one) => Object.assign(one, { ports: [{}] }),
      [".spec.template.spec.containers[0].ports[0].containerPort: it is missing"],
    ],
    [
      "a kind that isn't ours",
      (one) => Object.assign(one, { env: { A: "b" } }),
      [".spec.template.spec.containers[0].env: it must be a list"],
    ],
  ])("tells of %s", (_name, change, expected) => {
    expect(checkManifest(deployment(change), schemas)).toEqual(expected);
  });

  it("tells of a kind that it doesn't know", () => {
    expect(checkManifest({ apiVersion: "v2", kind: "Pod" }, schemas)).toEqual(["there is no schema of v2 Pod"]);
  });
});
