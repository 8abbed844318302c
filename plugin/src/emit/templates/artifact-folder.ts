import type { PackagePaths } from "../../model/model.js";
import type { TemplateKind } from "./template-folder.js";

const SERVICE_CONFIG = "service_config.json";

/**
 * Where an artifact of several files goes, relative to the plugin's output folder: `ledger/v1/k8s`. Packages that share a
 * directory have folders of their own, named as their other files are.
 */
export function artifactFolder(paths: PackagePaths, kind: TemplateKind): string {
  // The service config's path ends the same for each package, so what stands before is what tells packages apart.
  return `${paths.serviceConfig.slice(0, -SERVICE_CONFIG.length)}${kind}`;
}
