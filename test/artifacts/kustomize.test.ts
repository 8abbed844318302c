import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { generateArtifacts } from "./generate-artifacts.js";

// kubectl brings a kustomize. Where it isn't installed, what is checked of `Kustomization` is only what it names.
const kustomizeMissing = spawnSync("kubectl", ["kustomize", "--help"]).status !== 0;

const BASE = "orders/v1/k8s";
let folder: string;
let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "accord-kustomize-"));
  files = await generateArtifacts("operations", "artifacts=k8s");
  for (const [path, text] of files) {
    put(path, text);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data?: Readonly<Record<string, string>>;
}

function build(path: string): KubernetesObject[] {
  const yaml = execFileSync("kubectl", ["kustomize", join(folder, path)], { encoding: "utf8", stdio: "pipe" });
  return parseAllDocuments(yaml).flatMap((document) =>
    "toJS" in document ? (document.toJS() as KubernetesObject) : [],
  );
}

it("lists all manifests, in a file that kubectl apply -f passes by", () => {
  const listed = /resources:\n((?: {2}- .*\n)+)/
    .exec(files.get(`${BASE}/Kustomization`) ?? "")?.[1]
    ?.match(/[\w.-]+\.yaml/g);
  const manifests = [...files.keys()].filter((path) => path.startsWith(`${BASE}/`) && path.endsWith(".yaml"));
  expect(listed).toEqual(manifests.map((path) => path.slice(BASE.length + 1)).sort());
});

describe.skipIf(kustomizeMissing)("kustomize's names and namespaces", () => {
  it.each([
    ["none", BASE, "", "orders-headless.shop"],
    ["a namespace", "staging", "namespace: staging\n", "orders-headless.staging"],
    ["names", "blue", "namePrefix: blue-\nnameSuffix: -b\n", "blue-orders-headless-b.shop"],
    ["both", "both", "namespace: staging\nnamePrefix: blue-\n", "blue-orders-headless.staging"],
  ])("reach what clients dial: %s", (_, path, text, host) => {
    if (text !== "") {
      put(`${path}/kustomization.yaml`, `resources: [../${BASE}]\n${text}`);
    }
    const objects = build(path);
    const target = `dns:///${host}.svc.cluster.local:8443`;
    expect(objects.find(({ kind }) => kind === "ConfigMap")?.data).toEqual({
      ORDER_GRPC_TARGET: target,
      BACK_OFFICE_GRPC_TARGET: target,
    });
    const services = objects.filter(({ kind }) => kind === "Service");
    expect(services.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`)).toContain(host);
  });

  it("reach it through overlays of overlays", () => {
    put("inner/kustomization.yaml", `resources: [../${BASE}]\nnamePrefix: a-\nnamespace: one\n`);
    put("outer/kustomization.yaml", "resources: [../inner]\nnamePrefix: b-\nnamespace: two\n");
    const data = build("outer").find(({ kind }) => kind === "ConfigMap")?.data;
    expect(data?.ORDER_GRPC_TARGET).toBe("dns:///b-a-orders-headless.two.svc.cluster.local:8443");
  });
});
