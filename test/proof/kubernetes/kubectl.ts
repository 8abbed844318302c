import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { fitsPattern } from "../case-pattern.js";
import { type CommandOutcome, run } from "../command.js";
import type { CaseResult, SuiteRequest, SuiteRun } from "../suite.js";
import { makeNamespace, resourcePath } from "./api-paths.js";
import { type ApiServer, buildKubectl, KUBERNETES_VERSION, startApiServer } from "./api-server.js";
import type { Manifest } from "./manifests.js";
import { isApplied } from "./openapi-check.js";

/** An overlay of kustomize's that gives everything other names and another namespace. */
const OVERLAY = { namespace: "staging", namePrefix: "blue-" };

/** One cluster, as a user's kubectl sees it. */
interface Cluster {
  readonly server: ApiServer;
  kubectl(...args: readonly string[]): Promise<CommandOutcome>;
}

/** Applies each package's folder to a real API server with the real kubectl, as users do: twice, and through an overlay. */
export async function runKubectl(request: SuiteRequest): Promise<SuiteRun> {
  const binary = await buildKubectl();
  const { generatedFolders } = await import("./manifests.js");
  const server = await startApiServer(request.verbose);
  const cluster: Cluster = {
    server,
    kubectl: (...args) => run(binary, ["--kubeconfig", server.kubeconfig, ...args], { shown: request.verbose }),
  };
  const work = mkdtempSync(join(tmpdir(), "accord-kubectl-"));
  try {
    await makeNamespace(server, OVERLAY.namespace);
    const cases: CaseResult[] = [];
    for (const [name, files] of await generatedFolders()) {
      const folder = join(work, name);
      write(folder, files);
      cases.push(...(await applyFolder(cluster, name, folder, [...files])));
      cases.push(...(await applyOverlay(cluster, name, folder)));
    }
    const chosen = cases.filter(
      ({ name }) => request.patterns.length === 0 || request.patterns.some((pattern) => fitsPattern(name, pattern)),
    );
    return { version: `kubectl ${KUBERNETES_VERSION}`, cases: chosen };
  } finally {
    await server.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

function write(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** `kubectl apply -f <folder>`, with and without `--server-side`, each twice. */
async function applyFolder(
  cluster: Cluster,
  name: string,
  folder: string,
  files: readonly (readonly [name: string, content: string])[],
): Promise<readonly CaseResult[]> {
  const objects = files.filter(([file]) => isApplied(file)).map(([, yaml]): Manifest["object"] => parse(yaml));
  for (const namespace of new Set(objects.map(({ metadata }) => metadata.namespace ?? "default"))) {
    await makeNamespace(cluster.server, namespace);
  }
  const cases: CaseResult[] = [];
  for (const [way, options] of [
    ["apply", []],
    ["apply-server-side", ["--server-side"]],
  ] as const) {
    const apply = ["apply", ...options, "--validate=strict", "-f", folder];
    cases.push(taken(`${name}/${way}`, await cluster.kubectl(...apply)));
    const before = await versions(cluster.server, objects);
    const again = await cluster.kubectl(...apply);
    cases.push(taken(`${name}/${way}-again`, again));
    cases.push(...unchanged(`${name}/${way}-again`, before, await versions(cluster.server, objects)));
    if (way === "apply") {
      cases.push(...saidUnchanged(`${name}/${way}-again`, again.stdout));
    }
    await cluster.kubectl("delete", "--wait=false", "-f", folder);
  }
  return cases;
}

/** `kubectl apply -k <overlay>`, twice: clients must dial a Service that is there. */
async function applyOverlay({ server, kubectl }: Cluster, name: string, base: string): Promise<readonly CaseResult[]> {
  const overlay = `${base}-overlay`;
  const resources = [`../${base.slice(dirname(base).length + 1)}`];
  write(overlay, new Map([["kustomization.yaml", JSON.stringify({ resources, ...OVERLAY })]]));
  const cases = [taken(`${name}/overlay`, await kubectl("apply", "-k", overlay))];
  const configMaps = await server.send("GET", resourcePath("v1", "ConfigMap", OVERLAY.namespace), "text/plain", "");
  for (const { metadata, data } of JSON.parse(configMaps.body).items as readonly ConfigMap[]) {
    for (const [variable, target] of Object.entries(data ?? {})) {
      cases.push(await dialled(server, `${name}/overlay/${metadata.name}/${variable}`, target));
    }
  }
  cases.push(...saidUnchanged(`${name}/overlay-again`, (await kubectl("apply", "-k", overlay)).stdout));
  await kubectl("delete", "--wait=false", "-k", overlay);
  return cases;
}

interface ConfigMap {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** Whether the Service whose name clients resolve is there, and has no address of its own. */
async function dialled(server: ApiServer, name: string, target: string): Promise<CaseResult> {
  const [, service, namespace] = /^dns:\/\/\/([\w-]+)\.([\w-]+)\.svc\.cluster\.local:\d+$/.exec(target) ?? [];
  if (service === undefined || namespace === undefined) {
    return { name, outcome: "failed", message: `${target} is no target of a Service` };
  }
  const answer = await server.send("GET", `${resourcePath("v1", "Service", namespace)}/${service}`, "text/plain", "");
  const isHeadless = answer.status === 200 && JSON.parse(answer.body).spec.clusterIP === "None";
  return isHeadless
    ? { name, outcome: "passed" }
    : { name, outcome: "failed", message: `${target} dials what isn't there: ${answer.body.slice(0, 300)}` };
}

/** kubectl must succeed, and have nothing to remark. */
function taken(name: string, { code, stderr }: CommandOutcome): CaseResult {
  return code === 0 && stderr === "" ? { name, outcome: "passed" } : { name, outcome: "failed", message: stderr };
}

/** One case for each object: kubectl's own word for it is "unchanged". */
function saidUnchanged(name: string, stdout: string): readonly CaseResult[] {
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line): CaseResult => {
    const [, kind, object, verdict = line] = /^(\w+)[\w.]*\/(\S+) (.*)$/.exec(line) ?? [];
    const one = { name: `${name}/said/${kind}/${object}` };
    return verdict === "unchanged" ? { ...one, outcome: "passed" } : { ...one, outcome: "failed", message: line };
  });
}

/** One case for each object: the API server's own version of it is the same. */
function unchanged(
  name: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly CaseResult[] {
  return [...before].map(([object, version]): CaseResult => {
    const one = { name: `${name}/kept/${object}` };
    return after.get(object) === version
      ? { ...one, outcome: "passed" }
      : { ...one, outcome: "failed", message: `its resourceVersion was ${version}, and is ${after.get(object)}` };
  });
}

/** `<kind>/<name>` → its `resourceVersion`: each write that changes anything gives another one. */
async function versions(
  server: ApiServer,
  objects: readonly Manifest["object"][],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { apiVersion, kind, metadata } of objects) {
    const path = `${resourcePath(apiVersion, kind, metadata.namespace ?? "default")}/${metadata.name}`;
    const { body } = await server.send("GET", path, "text/plain", "");
    found.set(`${kind}/${metadata.name}`, JSON.parse(body).metadata?.resourceVersion ?? "absent");
  }
  return found;
}
