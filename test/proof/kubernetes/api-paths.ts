import type { ApiServer } from "./api-server.js";

/** Where an API server keeps the objects of a kind: `/apis/apps/v1/namespaces/shop/deployments`. */
export function resourcePath(apiVersion: string, kind: string, namespace: string): string {
  const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  const plural = kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  return `${root}/namespaces/${namespace}/${plural.toLowerCase()}`;
}

/** Makes a namespace in which Pod Security lets in what is "restricted", and warns of all else. */
export async function makeNamespace(server: ApiServer, name: string): Promise<void> {
  const labels = Object.fromEntries(
    ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
  );
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  const path = `/api/v1/namespaces/${name}?fieldManager=proof`;
  const { status, body } = await server.send("PATCH", path, "application/apply-patch+yaml", JSON.stringify(namespace));
  if (status !== 200 && status !== 201) {
    throw new Error(`The namespace ${name} can't be made: ${body}`);
  }
}
