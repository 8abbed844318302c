import { DEPLOYMENT_SETTINGS, type DeploymentSetting } from "../resolve/package-settings.js";
import type { ResolvedPackage } from "../resolve/resolved-contract.js";
import type { DeploymentModel } from "./model.js";

const KEYS: Readonly<Record<DeploymentSetting, keyof DeploymentModel>> = {
  name: "name",
  namespace: "namespace",
  image: "image",
  port: "port",
  minReplicas: "minReplicas",
  maxReplicas: "maxReplicas",
  preStop: "preStopMs",
  drain: "drainMs",
  connectionAge: "connectionAgeMs",
  connectionAgeGrace: "connectionAgeGraceMs",
  terminationGrace: "terminationGraceSeconds",
  cpu: "cpu",
  memory: "memory",
  maxConcurrentCalls: "maxConcurrentCalls",
  tls: "tls",
};

/** How the package's server is deployed. */
export function buildDeployment({ deployment, settings }: ResolvedPackage): DeploymentModel {
  const { terminationGraceMs, ...rest } = deployment;
  const said = DEPLOYMENT_SETTINGS.filter((name) => settings.deployment[name].length > 0);
  return {
    ...rest,
    // Kubernetes knows whole seconds only.
    terminationGraceSeconds: Math.ceil(terminationGraceMs / 1_000),
    declared: new Set(said.map((name) => KEYS[name])),
  };
}
