import { type ChildProcess, execFile, spawn } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Manifest, parseManifest, unknownFields, validateManifest } from "../artifacts/manifest-schema.js";
import { freePort } from "../free-port.js";
import { type GuideProject, guideProject } from "./guide-project.js";

// What a team does after the guides that the other suites here play: TLS in a cluster (docs/kubernetes.md), and the contract in CI
// (docs/editor.md), on the quickstart's project from packed tarballs, with the pages' own blocks.

const REPOSITORY = join(import.meta.dirname, "../..");
const CERTIFICATES = join(REPOSITORY, "runtime/test-support/certificates");
const PROTO = "proto/greeting/v1/greeting.proto";
const run = promisify(execFile);

let project: GuideProject;
beforeAll(async () => {
  project = await guideProject([], ["@kubernetes-models/cert-manager@6", "yaml@2"]);
});
afterAll(() => project?.remove());

/** A block of a page without a title, by how it begins. */
async function block(page: string, begin: string): Promise<string> {
  const text = await readFile(join(REPOSITORY, page), "utf8");
  const [, found] = [...text.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].find(([, code]) => code?.startsWith(begin)) ?? [];
  if (found === undefined) {
    throw new Error(`${page} has no block that begins with ${begin}`);
  }
  return found;
}

async function change(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(project.path, path), "utf8");
  expect(text).toContain(from);
  await writeFile(join(project.path, path), text.replace(from, to));
}

describe("TLS in a cluster", () => {
  let manifests: readonly Manifest[];
  let deployment: Deployment;

  beforeAll(async () => {
    await change(
      PROTO,
      'import "accord/v1/options.proto";\n',
      'import "accord/v1/options.proto";\n\noption (accord.v1.file).deployment = {tls: true};\n',
    );
    await writeFile(
      join(project.path, "buf.gen.deploy.yaml"),
      "version: v2\nplugins:\n  - local: protoc-gen-accord\n    out: deploy\n    opt: [artifacts=k8s]\n    strategy: all\n",
    );
    await project.run("buf", ["generate", "--template", "buf.gen.deploy.yaml"]);
    const names = await readdir(join(project.path, "deploy"), { recursive: true });
    const files = names.filter((name) => /\.yaml$/.test(name) && !/kustomization/.test(name));
    const texts = await Promise.all(files.map((name) => readFile(join(project.path, "deploy", name), "utf8")));
    manifests = texts.map(parseManifest);
    deployment = manifests.find(({ kind }) => kind === "Deployment") as unknown as Deployment;
  });

  test("Kubernetes takes the manifests", async () => {
    expect(manifests.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["Deployment", "Service"]));
    for (const manifest of manifests) {
      validateManifest(manifest);
    }
    expect(await unknownFields(manifests)).toEqual([]);
  });

  test("cert-manager takes the page's certificate, which is for the names of the manifests", async () => {
    const page = await block("docs/kubernetes.md", "apiVersion: cert-manager.io/v1");
    const certificate = parse(page.replaceAll("ledger-v1", "greeting-v1"));
    await writeFile(
      join(project.path, "check-certificate.mjs"),
      'import { Certificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1";\n' +
        `new Certificate(${JSON.stringify(certificate)}).validate();\nconsole.log("valid");\n`,
    );
    expect(await project.run("node", ["check-certificate.mjs"])).toContain("valid");
    await writeFile(
      join(project.path, "src/certificate.ts"),
      'import type { ICertificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1";\n' +
        `export const certificate: ICertificate = ${JSON.stringify(certificate)};\n`,
    );
    expect(await project.run("tsc", ["--noEmit"])).toBe("");

    const secrets = deployment.spec.template.spec.volumes.flatMap(({ secret }) => secret?.secretName ?? []);
    expect(secrets).toEqual([certificate.spec.secretName]);
    const services = manifests.filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata.name);
    const first = certificate.spec.dnsNames.map((name: string) => name.split(".")[0]);
    expect(first.toSorted()).toEqual(services.toSorted());
  });

  test("a server with the mounted files answers the manifests' probe, and a client that trusts the CA", async () => {
    const mounted = join(project.path, "tls");
    await mkdir(mounted);
    for (const [from, to] of [
      ["server-1.pem", "tls.crt"],
      ["server-1.key", "tls.key"],
      ["ca.pem", "ca.crt"],
    ] as const) {
      await copyFile(join(CERTIFICATES, from), join(mounted, to));
    }
    const files = `tls: { cert: "${mounted}/tls.crt", key: "${mounted}/tls.key" }`;
    await change("src/server.ts", "\n});\n", `\n}, { ${files} });\n`);
    await change("src/client.ts", "credentials.createInsecure()", `tlsChannelCredentials({ ca: "${mounted}/ca.crt" })`);
    await change(
      "src/client.ts",
      'import { credentials } from "@grpc/grpc-js";',
      'import { tlsChannelCredentials } from "@accord-grpc/runtime";',
    );
    await project.run("buf", ["generate"]);
    await project.run("tsc", []);

    const port = await freePort();
    const env = { ...process.env, ADDRESS: `127.0.0.1:${port}` };
    const server = spawn(process.execPath, ["dist/server.js"], { cwd: project.path, env });
    try {
      await said(server, /server\.started|listening/);
      expect(await project.run("node", ["dist/client.js"], { TARGET: `localhost:${port}` })).toContain(
        "Good morning, Ada.",
      );
      const [container] = deployment.spec.template.spec.containers;
      const [node, ...probe] = container?.readinessProbe.exec?.command ?? [];
      expect(node).toMatch(/node$/);
      const here = probe.map((part) => part.replace(/:\d+$/, `:${port}`).replace("/etc/tls", mounted));
      expect(here.join(" ")).toContain(`:${port}`);
      await run(process.execPath, here, { cwd: project.path });
    } finally {
      server.kill("SIGKILL");
    }
  });
});

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly volumes: readonly { readonly secret?: { readonly secretName: string } }[];
        readonly containers: readonly {
          readonly readinessProbe: { readonly exec?: { readonly command: readonly string[] } };
        }[];
      };
    };
  };
}

function said(child: ChildProcess, what: RegExp): Promise<void> {
  let output = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text) => {
        output += String(text);
        if (what.test(output)) {
          resolve();
        }
      });
    }
    child.once("close", () => reject(new Error(`It ended: ${output}`)));
  });
}

describe("the contract in CI", () => {
  let steps: readonly string[];

  const git = (...args: readonly string[]) =>
    run("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], { cwd: project.path });
  /** A step of the recipe, as GitHub runs it: with `bash -e`. */
  const play = (script: string) => project.shell(script, { BASE: "main", RUNNER_TEMP: project.path });

  beforeAll(async () => {
    const recipe = parse(await block("docs/editor.md", "name: contract\n"));
    const all: { readonly run?: string }[] = recipe.jobs.contract.steps;
    // What it installs is installed, and what it says on GitHub it can't say here.
    steps = all.flatMap(({ run: script }) => (script === undefined || /npm ci|gh pr/.test(script) ? [] : [script]));
    await writeFile(join(project.path, ".gitignore"), "node_modules\n*.tgz\ndist\ntls\n");
    await git("init", "--quiet", "--initial-branch=main");
    await git("add", "--all");
    await git("commit", "--quiet", "--message=Greet");
    // `actions/checkout` leaves what it compares with as a branch of origin.
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
    await git("switch", "--quiet", "--create", "change");
  });

  test("passes what breaks nothing", async () => {
    expect(steps.length).toBeGreaterThanOrEqual(3);
    for (const step of steps) {
      await play(step);
    }
  });

  test("stops a change that callers would notice, and names it", async () => {
    await change(PROTO, 'metadata: ["name"]', 'metadata: ["name", "since"]');
    await change(
      PROTO,
      "NAME_UNKNOWN = 1 [(accord.v1.error) = {\n    status: NOT_FOUND",
      "NAME_UNKNOWN = 1 [(accord.v1.error) = {\n    status: FAILED_PRECONDITION",
    );
    await project.run("buf", ["generate"]);
    await git("commit", "--quiet", "--all", "--message=Say it otherwise");
    const failures = await Promise.all(
      steps.map((step) =>
        play(step).then(
          () => "",
          (error: Error) => error.message,
        ),
      ),
    );
    expect(failures.filter((failure) => failure !== "")).toHaveLength(1);
    expect(failures.join("")).toMatch(/NOT_FOUND.*FAILED_PRECONDITION|FAILED_PRECONDITION.*NOT_FOUND/s);
    await expect(project.run("accord", ["breaking", "--against", ".git#branch=main"])).rejects.toThrow("NAME_UNKNOWN");
  });
});
