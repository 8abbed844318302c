import type { PackageModel } from "../../model/model.js";
import { PLUGIN_NAME } from "../../version.js";
import { durationText } from "../typescript/text.js";
import { kubernetesName } from "./kubernetes-name.js";
import { type KubernetesObjects, kubernetesObjects, type TargetVariable } from "./kubernetes-objects.js";
import { type KustomizeView, kustomizeView } from "./kustomize-view.js";
import { CERTIFICATE_FOLDER, type ProbesView, probesOf } from "./probes.js";
import { cpuQuantity, memoryQuantity } from "./quantity.js";
import { terminationBudget } from "./termination-budget.js";

/** What the templates in `templates/k8s` render. All decisions are made here; a template repeats and places them. */
export interface ManifestView {
  /** The proto package: `ledger.v1`. */
  readonly package: string;
  /** The full names of the package's services. */
  readonly services: readonly string[];
  readonly namespace: string;
  /** The Deployment, what scales and guards it, and the ClusterIP Service: `ledger-v1`. */
  readonly name: string;
  /** The headless Service: `ledger-v1-headless`. */
  readonly headlessName: string;
  /** The ConfigMap with what clients need: `ledger-v1-client`. */
  readonly clientName: string;
  /** On every object. */
  readonly labels: Readonly<Record<string, string>>;
  /** The labels that pods are found by. They can't be changed once the Deployment exists. */
  readonly selector: Readonly<Record<string, string>>;
  readonly image: string;
  readonly port: number;
  /** Whether the port is one that the kernel keeps for root, unless the pod says otherwise. */
  readonly privilegedPort: boolean;
  /** What the server binds to: `0.0.0.0:50051`. */
  readonly address: string;
  /** The number of pods. Undefined where an autoscaler sets it: applying the manifest again must not scale. */
  readonly replicas: number | undefined;
  readonly autoscaler: AutoscalerView | undefined;
  /** How many pods an update starts beyond their number. */
  readonly maxSurge: string;
  /** How long a new pod must be ready before the update takes away an old one. */
  readonly minReadySeconds: number;
  /** How long a pod goes on as before while clients hear that it goes. Undefined if not at all. */
  readonly preStopSeconds: number | undefined;
  readonly terminationGracePeriodSeconds: number;
  /** How that is made up: `5s of waiting + 35s of draining + 5s of slack`. */
  readonly terminationArithmetic: string;
  readonly probes: ProbesView;
  /** What the ports speak, for meshes, gateways and load balancers. */
  readonly appProtocol: string;
  /** Where the server's certificate is. Undefined for a server without TLS. */
  readonly tls: TlsView | undefined;
  readonly cpu: string;
  readonly memory: string;
  /** Of the node's disk: what a pod writes to its temporary folder and its log. */
  readonly ephemeralStorage: { readonly request: string; readonly limit: string };
  /** How large the temporary folder may get. */
  readonly temporaryFolder: string;
  /** The user and group of the process: not root, and none that an image has to know. */
  readonly user: number;
  /** How many pods an eviction may take at a time. */
  readonly maxUnavailable: number;
  readonly kustomize: KustomizeView;
  /** What clients read their target from. */
  readonly targetVariables: readonly TargetVariable[];
}

/** A server's certificate. */
export interface TlsView {
  /** The name of the secret of the type `kubernetes.io/tls`: `ledger-v1-tls`. */
  readonly secret: string;
  /** Where it is mounted. */
  readonly path: string;
}

/** How the number of pods follows the load. */
export interface AutoscalerView {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** In percent of the CPU that a pod requests. */
  readonly targetCpuUtilization: number;
  /** A new pod's share of the calls must show in the load before more pods are added. */
  readonly scaleUpStabilizationSeconds: number;
  readonly scaleDownStabilizationSeconds: number;
  /** At most one pod goes in this time. */
  readonly scaleDownPeriodSeconds: number;
}

/** `nonroot` of the distroless images. Any number but 0 would do: the root file system is read-only. */
const USER = 65532;
const FIRST_UNPRIVILEGED_PORT = 1_024;
/** Longer than a generated client takes to resolve again after a connection has gone, which is 5 s at the most. */
const MIN_READY_SECONDS = 10;
/** How often a generated client resolves on its own: after this time a new pod has its share of the calls. */
const CLIENT_REFRESH_SECONDS = 30;

const TEMPORARY_FOLDER = "64Mi";
/** The temporary folder, and the container's log, which the kubelet rotates at 10 MiB, five times. */
const EPHEMERAL_STORAGE = { request: "128Mi", limit: "256Mi" };

/** Decides what the manifests of a package say. */
export function manifestView(model: PackageModel): ManifestView {
  const { deployment } = model;
  const objects = kubernetesObjects(model);
  const { preStopMs, drainMs, slackMs } = terminationBudget(deployment);
  const scales = deployment.maxReplicas > deployment.minReplicas;
  return {
    package: model.name,
    services: model.services.map(({ service }) => service.typeName),
    namespace: objects.namespace,
    name: objects.name,
    headlessName: objects.headless,
    clientName: objects.client,
    labels: labelsOf(model, objects),
    selector: { "app.kubernetes.io/name": objects.name },
    image: deployment.image,
    port: deployment.port,
    privilegedPort: deployment.port < FIRST_UNPRIVILEGED_PORT,
    address: `0.0.0.0:${deployment.port}`,
    replicas: scales ? undefined : deployment.minReplicas,
    autoscaler: scales ? autoscalerView(deployment.minReplicas, deployment.maxReplicas) : undefined,
    maxSurge: "25%",
    minReadySeconds: MIN_READY_SECONDS,
    // Kubernetes before 1.33 refuses to sleep for 0 seconds.
    preStopSeconds: preStopMs > 0 ? preStopMs / 1_000 : undefined,
    terminationGracePeriodSeconds: deployment.terminationGraceSeconds,
    terminationArithmetic: `${seconds(preStopMs)} of waiting + ${seconds(drainMs)} of draining + ${seconds(slackMs)} of slack`,
    probes: probesOf(model.services, deployment),
    // The name that Kubernetes has for HTTP/2 without TLS; for TLS there is only the general one.
    appProtocol: deployment.tls ? "https" : "kubernetes.io/h2c",
    tls: deployment.tls ? { secret: kubernetesName(objects.name, "-tls"), path: CERTIFICATE_FOLDER } : undefined,
    cpu: cpuQuantity(deployment.cpu),
    memory: memoryQuantity(deployment.memory),
    ephemeralStorage: EPHEMERAL_STORAGE,
    temporaryFolder: TEMPORARY_FOLDER,
    user: USER,
    maxUnavailable: 1,
    kustomize: kustomizeView(objects),
    targetVariables: objects.targetVariables,
  };
}

/** The labels that Kubernetes recommends for all objects of an application. */
function labelsOf({ name, deployment }: PackageModel, objects: KubernetesObjects): Record<string, string> {
  const [, version] = /:([^:/@]+)(?:@.*)?$/.exec(deployment.image) ?? [];
  return {
    "app.kubernetes.io/name": objects.name,
    // Several on one cluster are told apart by who installs them; kustomize's `labels` sets another.
    "app.kubernetes.io/instance": objects.name,
    // A tag that the contract doesn't say isn't known here.
    ...(version !== undefined && deployment.declared.has("image") && LABEL_VALUE.test(version)
      ? { "app.kubernetes.io/version": version }
      : {}),
    "app.kubernetes.io/component": "grpc-server",
    "app.kubernetes.io/part-of": kubernetesName(name.split(".")[0] ?? ""),
    "app.kubernetes.io/managed-by": PLUGIN_NAME,
  };
}

const LABEL_VALUE = /^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

function seconds(ms: number): string {
  return durationText(ms).replace(/^0ms$/, "0s");
}

function autoscalerView(minReplicas: number, maxReplicas: number): AutoscalerView {
  return {
    minReplicas,
    maxReplicas,
    targetCpuUtilization: 70,
    scaleUpStabilizationSeconds: CLIENT_REFRESH_SECONDS,
    scaleDownStabilizationSeconds: 300,
    scaleDownPeriodSeconds: 60,
  };
}
