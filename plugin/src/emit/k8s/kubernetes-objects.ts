import type { PackageModel } from "../../model/model.js";
import { kubernetesName } from "./kubernetes-name.js";

/** What a package's server is called in its cluster: manifests and docs read the same. */
export interface KubernetesObjects {
  readonly namespace: string;
  /** The Deployment, its autoscaler and disruption budget, and the ClusterIP Service: `ledger-v1`. */
  readonly name: string;
  /** The headless Service: `ledger-v1-headless`. */
  readonly headless: string;
  /** The ConfigMap with what clients need: `ledger-v1-client`. */
  readonly client: string;
  /** The headless Service's DNS name: `ledger-v1-headless.default.svc.cluster.local`. */
  readonly headlessHost: string;
  /** What a client dials: `dns:///ledger-v1-headless.default.svc.cluster.local:50051`. */
  readonly target: string;
  readonly port: number;
  /** For each service the environment variable that its clients read the target from, in the order of the model. */
  readonly targetVariables: readonly TargetVariable[];
  /** The environment variable of a service, by its full name. */
  targetVariableOf(service: string): string;
}

/** The environment variable that a service's clients read its target from. */
export interface TargetVariable {
  /** `LEDGER_GRPC_TARGET` */
  readonly variable: string;
  /** `ledger.v1.LedgerService` */
  readonly service: string;
  readonly target: string;
}

/** Names a package's objects. */
export function kubernetesObjects(model: PackageModel): KubernetesObjects {
  const { deployment } = model;
  const name = kubernetesName(deployment.name);
  const headless = kubernetesName(name, "-headless");
  const headlessHost = `${headless}.${deployment.namespace}.svc.cluster.local`;
  const target = `dns:///${headlessHost}:${deployment.port}`;
  return {
    namespace: deployment.namespace,
    name,
    headless,
    client: kubernetesName(name, "-client"),
    headlessHost,
    target,
    port: deployment.port,
    targetVariables: targetVariables(model, target),
    targetVariableOf: (fullName) => {
      const named = model.services.find(({ service }) => service.typeName === fullName);
      return targetVariable(named?.names.key ?? name);
    },
  };
}

function targetVariables(model: PackageModel, target: string): readonly TargetVariable[] {
  const variables = new Map<string, TargetVariable>();
  for (const { service, names } of model.services) {
    const variable = targetVariable(names.key);
    // Keys that differ only in what upper case makes of them share the variable: the target is the same.
    if (!variables.has(variable)) {
      variables.set(variable, { variable, service: service.typeName, target });
    }
  }
  return [...variables.values()];
}

/** `ledgerAudit` → `LEDGER_AUDIT_GRPC_TARGET`. A service's key is a JavaScript identifier. */
function targetVariable(key: string): string {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_");
  return `${words.toUpperCase()}_GRPC_TARGET`;
}
