import type { PackageModel } from "../../model/model.js";
import { durationText } from "../text.js";
import { kubernetesObjects, type TargetVariable } from "./kubernetes-objects.js";
import { type ProbesView, probesOf } from "./probes.js";
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
  readonly cpu: string;
  readonly memory: string;
  /** The user and group of the process: not root, and none that an image has to know. */
  readonly user: number;
  /** How many pods an eviction may take at a time. */
  readonly maxUnavailable: number;
  /** What clients read their target from. */
  readonly targetVariables: readonly TargetVariable[];
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
    labels: { "app.kubernetes.io/name": objects.name, "app.kubernetes.io/component": "grpc-server" },
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
    probes: probesOf(model.services),
    cpu: deployment.cpu,
    memory: deployment.memory,
    user: USER,
    maxUnavailable: 1,
    targetVariables: objects.targetVariables,
  };
}

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
