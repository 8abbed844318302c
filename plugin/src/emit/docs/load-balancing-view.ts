import { CHANNEL_DEFAULTS, SERVER_DEFAULTS } from "@accord-grpc/runtime/contract";
import type { MethodModel, OutlierDetectionModel, PackageModel } from "../../model/model.js";
import { kubernetesObjects } from "../k8s/kubernetes-objects.js";
import { manifestView } from "../k8s/manifest-view.js";
import { type TerminationBudget, terminationBudget } from "../k8s/termination-budget.js";
import { LOAD_BALANCING_PAGE, servicePage, TERMINATION_PICTURE } from "./page-names.js";

/** What the templates of `templates/docs` render that are made once for each package: `grpc_load_balancing.md`. */
export interface LoadBalancingView {
  /** The proto package: `ledger.v1`. */
  readonly package: string;
  readonly services: readonly ServiceLink[];
  readonly page: string;
  readonly picture: string;
  readonly namespace: string;
  /** The Deployment and the ClusterIP Service. */
  readonly name: string;
  readonly headlessName: string;
  readonly headlessHost: string;
  readonly clientName: string;
  readonly target: string;
  readonly port: number;
  /** A port for looking at single pods from one's own machine: one that the server itself doesn't take there. */
  readonly forwardPort: number;
  /** `LEDGER_GRPC_TARGET`, … */
  readonly targetVariables: readonly string[];
  /** Whether each call goes to the next backend; else all go to one. */
  readonly spreads: boolean;
  /** Whether it goes there by the load that backends report. */
  readonly weighs: boolean;
  /** `round_robin` */
  readonly policy: string;
  /** When clients leave a pod out. */
  readonly outliers: OutlierDetectionModel | undefined;
  /** The service whose health clients watch, where they can. */
  readonly healthCheckService: string | undefined;
  /** The service that the readiness probe asks for; else it asks for the server as a whole. */
  readonly readinessService: string | undefined;
  readonly readinessPeriodSeconds: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly scales: boolean;
  /** `3 pods`, the fewest. */
  readonly fewestPods: string;
  /** Whether there may be a single pod, so that an eviction leaves none. */
  readonly single: boolean;
  /** The share of the calls that a new pod takes when it is found, at the fewest pods: `25 %`. */
  readonly shareAfterScaleUp: string;
  readonly maxSurge: string;
  readonly minReadySeconds: number;
  readonly connectionAgeMs: number;
  /** With the variation. */
  readonly longestConnectionAgeMs: number;
  readonly connectionAgeGraceMs: number;
  readonly dnsRefreshMs: number;
  /** With the variation. */
  readonly longestDnsRefreshMs: number;
  readonly dnsLeastIntervalMs: number;
  readonly forcedStopMs: number;
  readonly budget: TerminationBudget;
  /** What the drain leaves after the grace of a connection that is past its age. */
  readonly drainOverAgeGraceMs: number;
  /** The longest that a call may take by the contract. */
  readonly longestCall: LongestCallView | undefined;
  /** Methods without a deadline in the contract. */
  readonly unlimited: readonly string[];
  /** Methods that a client sends again when the drain cuts them off. */
  readonly retried: readonly string[];
}

export interface ServiceLink {
  readonly name: string;
  readonly fullName: string;
  readonly page: string;
}

/** The method that may take longest. */
export interface LongestCallView {
  /** `LedgerService.ListEntries` */
  readonly method: string;
  readonly ms: number;
  /** Whether the drain waits for it in any case. */
  readonly fits: boolean;
}

/** The page on load balancing and rollouts of a package. */
export function loadBalancingView(model: PackageModel): LoadBalancingView {
  const { deployment, channel } = model;
  const objects = kubernetesObjects(model);
  const manifests = manifestView(model);
  const methods = model.services.flatMap((service) => service.methods);
  return {
    package: model.name,
    services: model.services.map((service) => ({
      name: service.service.name,
      fullName: service.service.typeName,
      page: servicePage(service),
    })),
    page: LOAD_BALANCING_PAGE,
    picture: TERMINATION_PICTURE,
    namespace: objects.namespace,
    name: objects.name,
    headlessName: objects.headless,
    headlessHost: objects.headlessHost,
    clientName: objects.client,
    target: objects.target,
    port: objects.port,
    forwardPort: objects.port <= 55_535 ? objects.port + 10_000 : objects.port - 10_000,
    targetVariables: objects.targetVariables.map(({ variable }) => variable),
    spreads: channel.loadBalancing !== "pick_first",
    weighs: channel.loadBalancing === "weighted_round_robin",
    policy: channel.loadBalancing,
    outliers: channel.outlierDetection,
    healthCheckService: channel.healthCheckService,
    readinessService: manifests.probes.readiness.grpc?.service,
    readinessPeriodSeconds: manifests.probes.readiness.periodSeconds,
    minReplicas: deployment.minReplicas,
    maxReplicas: deployment.maxReplicas,
    scales: manifests.autoscaler !== undefined,
    fewestPods: deployment.minReplicas === 1 ? "1 pod" : `${deployment.minReplicas} pods`,
    single: deployment.minReplicas === 1,
    shareAfterScaleUp: `${Math.round(100 / (deployment.minReplicas + 1))} %`,
    maxSurge: manifests.maxSurge,
    minReadySeconds: manifests.minReadySeconds,
    connectionAgeMs: deployment.connectionAgeMs,
    longestConnectionAgeMs: deployment.connectionAgeMs * 1.1,
    connectionAgeGraceMs: deployment.connectionAgeGraceMs,
    dnsRefreshMs: CHANNEL_DEFAULTS.dnsRefreshMs,
    longestDnsRefreshMs: CHANNEL_DEFAULTS.dnsRefreshMs * 1.2,
    dnsLeastIntervalMs: CHANNEL_DEFAULTS.dnsLeastIntervalMs,
    forcedStopMs: SERVER_DEFAULTS.lastAnswersMs,
    budget: terminationBudget(deployment),
    drainOverAgeGraceMs: deployment.drainMs - deployment.connectionAgeGraceMs,
    longestCall: longestCall(methods, deployment.drainMs),
    unlimited: methods.filter(({ call }) => limitOf(call) === undefined).map(qualifiedName),
    retried: methods
      .filter(({ call: { resend } }) => resend.kind === "retry" && resend.codes.includes("UNAVAILABLE"))
      .map(qualifiedName),
  };
}

function longestCall(methods: readonly MethodModel[], drainMs: number): LongestCallView | undefined {
  let longest: LongestCallView | undefined;
  for (const method of methods) {
    const ms = limitOf(method.call);
    if (ms !== undefined && ms > (longest?.ms ?? 0)) {
      longest = { method: qualifiedName(method), ms, fits: ms <= drainMs };
    }
  }
  return longest;
}

/** What the server grants, else what a caller takes who names nothing. */
function limitOf({ timeoutMs, maxTimeoutMs }: MethodModel["call"]): number | undefined {
  return maxTimeoutMs ?? timeoutMs;
}

function qualifiedName({ method }: MethodModel): string {
  return `${method.parent.name}.${method.name}`;
}
