import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateArtifacts, tryToGenerate } from "./generate-artifacts.js";

const K8S = "orders/v1/k8s";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-templates-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe("a user's templates", () => {
  it("replace one manifest, and leave the others", async () => {
    write("k8s/service.yaml.hbs", "name: {{json name}}\nlabels:\n  {{> labels}}\n");
    write("k8s/_labels.yaml.hbs", "{{#each labels}}\n{{@key}}: {{json this}}\n{{/each}}\n");
    const builtIn = await generateArtifacts("operations", "artifacts=k8s");
    const own = await generateArtifacts("operations", `artifacts=k8s,templates=${folder}`);
    expect(own.get(`${K8S}/service.yaml`)).toBe(
      'name: "orders"\nlabels:\n  app.kubernetes.io/name: "orders"\n  app.kubernetes.io/instance: "orders"\n' +
        '  app.kubernetes.io/version: "1.4.2"\n  app.kubernetes.io/component: "grpc-server"\n' +
        '  app.kubernetes.io/part-of: "orders"\n  app.kubernetes.io/managed-by: "protoc-gen-accord"\n',
    );
    expect([...own].filter(([path, text]) => builtIn.get(path) !== text).map(([path]) => path)).toEqual([
      `${K8S}/service.yaml`,
    ]);
  });

  it("leave a manifest out, and add one", async () => {
    write("k8s/pod-disruption-budget.yaml.hbs", "{{! we have our own }}\n");
    write("k8s/ingress.yaml.hbs", "port: {{json port}}\n");
    const files = await generateArtifacts("operations", `artifacts=k8s,templates=${folder}`);
    expect(files.has(`${K8S}/pod-disruption-budget.yaml`)).toBe(false);
    expect(files.get(`${K8S}/ingress.yaml`)).toBe("port: 8443\n");
  });

  it("replace pages, with the helpers that know Markdown", async () => {
    write(
      "docs/service.md.hbs",
      "# {{plain name}}\n\n|a|b|\n|-|-|\n{{#each methods}}\n|{{cell (code name)}}|{{kind}}|\n{{/each}}\n",
    );
    write("docs/grpc_load_balancing.md.hbs", "");
    const files = await generateArtifacts("operations_bare", `artifacts=docs,templates=${folder}`);
    expect(files.get("plain_greeter/v1/docs/Greeter.md")).toBe(
      "# Greeter\n\n| a          | b                       |\n| ---------- | ----------------------- |\n| `Greet`    | unary                   |\n| `GreetAll` | bidirectional streaming |\n",
    );
    expect(files.has("plain_greeter/v1/docs/grpc_load_balancing.md")).toBe(false);
  });
});

describe("a failing template of a user's", () => {
  it.each([
    [
      "k8s/service.yaml.hbs",
      "a: 1\nb: {{json nme}}\n",
      ':2:4: error TEMPLATE: "json" was given something that isn\'t defined',
    ],
    ["k8s/service.yaml.hbs", "a: 1\n{{#if name}}\n", ":3: error TEMPLATE: it can't be parsed"],
    ["docs/service.md.hbs", "\n\n{{nme}}", ':3:1: error TEMPLATE: there is no "nme" here'],
  ])("%s: its file and line, and no file at all", async (path, text, message) => {
    write(path, text);
    const { files, error } = await tryToGenerate("operations", `artifacts=k8s+docs,templates=${folder}`);
    expect(error).toContain(`${folder}/${path}${message}`);
    expect(files.size).toBe(0);
  });

  it("is told of a folder that isn't there, or has nothing in it", async () => {
    const parameter = `artifacts=k8s,templates=${folder}`;
    expect((await tryToGenerate("operations", `${parameter}/absent`)).error).toContain(
      `${folder}/absent: error TEMPLATE`,
    );
    expect((await tryToGenerate("operations", parameter)).error).toContain("there is no k8s/ and no docs/ in it");
    expect((await tryToGenerate("operations", "artifacts=k8s,templates=")).error).toContain(
      "templates= names no folder",
    );
  });
});
