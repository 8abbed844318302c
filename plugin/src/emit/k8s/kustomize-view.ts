import type { KubernetesObjects } from "./kubernetes-objects.js";

/** What the file `Kustomization` says beyond the names of the manifests. */
export interface KustomizeView {
  /** The variable that has the headless Service's name, whatever an overlay makes of it: `LEDGER_V1_HEADLESS`. */
  readonly nameVariable: string;
  /** The variable that has its namespace. */
  readonly namespaceVariable: string;
  /** What the targets in the client's ConfigMap become: the same, by those variables. */
  readonly patches: readonly { readonly path: string; readonly value: string }[];
}

/** Decides how kustomize's names and namespaces reach the targets that clients dial. */
export function kustomizeView({ name, port, targetVariables }: KubernetesObjects): KustomizeView {
  // Variables of all packages that one overlay puts together are in one scope.
  const prefix = name.toUpperCase().replaceAll("-", "_");
  const [nameVariable, namespaceVariable] = [`${prefix}_HEADLESS`, `${prefix}_NAMESPACE`];
  const value = `dns:///$(${nameVariable}).$(${namespaceVariable}).svc.cluster.local:${port}`;
  return {
    nameVariable,
    namespaceVariable,
    patches: targetVariables.map(({ variable }) => ({ path: `/data/${variable}`, value })),
  };
}
