import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, listening } from "../../free-port.js";
import { type BackgroundProcess, need, start } from "../command.js";
import { debianPackages } from "../debian.js";
import { CACHE } from "../folders.js";
import { goModule } from "../go.js";

export const KUBERNETES_VERSION = "v1.37.2";
const TOKEN = "proof";
const COMMANDS = ["kube-apiserver", "kubectl"];

/** What the API server answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** Its `Warning` headers: deprecations, unknown fields, pod security. */
  readonly warnings: readonly string[];
}

/** An API server of Kubernetes with an etcd, and nothing else: no node, no controller. */
export interface ApiServer {
  /** The path of a kubeconfig for it. */
  readonly kubeconfig: string;
  send(method: string, path: string, contentType: string, body: string): Promise<ApiAnswer>;
  stop(): Promise<void>;
}

/**
 * Starts them, on free ports and in a folder that goes away.
 *
 * @throws {NotRun} if they can't be built or had
 */
export async function startApiServer(shown: boolean): Promise<ApiServer> {
  const binary = await buildApiServer();
  const folder = mkdtempSync(join(tmpdir(), "accord-kubernetes-"));
  const started: BackgroundProcess[] = [];
  const stop = async () => {
    for (const one of started.reverse()) {
      await one.stop();
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const etcd = await startEtcd(folder, shown);
    started.push(etcd.process);
    const port = await freePort();
    started.push(start(binary, apiServerFlags(folder, port, etcd.port), { shown }));
    await listening(port, 120_000);
    const server: ApiServer = {
      kubeconfig: writeKubeconfig(folder, port),
      send: (...args) => send(port, ...args),
      stop,
    };
    await ready(server);
    return server;
  } catch (error) {
    const said = started.map((one) => one.output().slice(-1000)).join("\n");
    await stop();
    throw new Error(`Kubernetes' API server doesn't start: ${said}`, { cause: error });
  }
}

/** Builds it: 25 minutes of a core's time, once for a version. */
function buildApiServer(): Promise<string> {
  return buildCommand("kube-apiserver");
}

/**
 * Builds the kubectl of the same version, unless it is there.
 *
 * @returns its path
 * @throws {NotRun} if it can't be built
 */
export function buildKubectl(): Promise<string> {
  return buildCommand("kubectl");
}

async function buildCommand(name: string): Promise<string> {
  const binary = join(CACHE, `${name}-${KUBERNETES_VERSION}`, name);
  if (!existsSync(binary)) {
    process.stderr.write(`Building ${name} ${KUBERNETES_VERSION}, which takes long …\n`);
    const source = join(CACHE, `kubernetes-${KUBERNETES_VERSION}`);
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, "go.mod"), goMod(await goModule("k8s.io/kubernetes", KUBERNETES_VERSION)));
    const imports = COMMANDS.map((command) => `import _ "k8s.io/kubernetes/cmd/${command}"\n`).join("");
    writeFileSync(join(source, "commands.go"), `//go:build tools\n\npackage commands\n\n${imports}`);
    const options = { cwd: source, env: { GOFLAGS: "-mod=mod" }, timeoutMs: 2 * 60 * 60_000 };
    await need("Reading Kubernetes' modules", "go", ["mod", "tidy"], options);
    const build = ["-n", "19", "go", "build", "-o", binary, `k8s.io/kubernetes/cmd/${name}`];
    await need(`Building ${name}`, "nice", build, options);
  }
  return binary;
}

/** Kubernetes' own `go.mod` takes its parts from folders beside it; as a module, it needs them by their versions. */
function goMod(kubernetes: string): string {
  const original = readFileSync(join(kubernetes, "go.mod"), "utf8");
  const [go] = /^go .*$/m.exec(original) ?? ["go 1.26.0"];
  const version = KUBERNETES_VERSION.replace("v1.", "v0.");
  const parts = [...original.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm)].map(
    ([, name]) => `\t${name} => ${name} ${version}\n`,
  );
  return (
    `module accord-proof/kubernetes\n\n${go}\n\nrequire k8s.io/kubernetes ${KUBERNETES_VERSION}\n\n` +
    `replace (\n${parts.join("")})\n`
  );
}

async function startEtcd(folder: string, shown: boolean): Promise<{ process: BackgroundProcess; port: number }> {
  const root = await debianPackages("trixie", ["etcd-server", "libc6"]);
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  const [port, peers] = [await freePort(), await freePort()];
  const client = `http://127.0.0.1:${port}`;
  const process = start(
    join(libraries, "ld-linux-x86-64.so.2"),
    [
      ...["--library-path", libraries, join(root, "usr/bin/etcd"), "--data-dir", join(folder, "etcd")],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...["--listen-peer-urls", `http://127.0.0.1:${peers}`],
    ],
    { shown },
  );
  await listening(port, 60_000);
  return { process, port };
}

function apiServerFlags(folder: string, port: number, etcdPort: number): string[] {
  const key = join(folder, "service-account.pem");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }));
  const tokens = join(folder, "tokens.csv");
  writeFileSync(tokens, `${TOKEN},proof,proof,system:masters\n`);
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, "certificates")}`,
    "--service-cluster-ip-range=10.0.0.0/24",
    "--service-account-issuer=https://proof.invalid",
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=RBAC",
    // No controller makes the accounts that pods run as.
    "--disable-admission-plugins=ServiceAccount",
  ];
}

function writeKubeconfig(folder: string, port: number): string {
  const path = join(folder, "kubeconfig");
  const cluster = { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
  const config = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "proof" },
    clusters: [{ name: "proof", cluster }],
    users: [{ name: "proof", user: { token: TOKEN } }],
    contexts: [{ name: "proof", context: { cluster: "proof", user: "proof" } }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function ready(server: ApiServer): Promise<void> {
  const end = Date.now() + 120_000;
  for (;;) {
    const answer = await server.send("GET", "/readyz", "text/plain", "").catch(() => undefined);
    if (answer?.status === 200) {
      return;
    }
    if (Date.now() > end) {
      throw new Error(`it isn't ready: ${answer?.body ?? "no answer"}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function send(port: number, method: string, path: string, contentType: string, body: string): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...{ host: "127.0.0.1", port, method, path },
        // It made its certificate itself a moment ago, on this machine.
        rejectUnauthorized: false,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": contentType, accept: "application/json" },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const { warning } = response.headers;
          const warnings = warning === undefined ? [] : [warning].flat();
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), warnings });
        });
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}
