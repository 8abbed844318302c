import type { PackagePaths } from "./model.js";

/**
 * Where the files go that the files of a package have in common: into a folder that is named as the package is,
 * `acme.ledger.v1` → `acme/ledger/v1/errors.ts`, wherever the package's protos lie. So the paths follow from the package's
 * name alone, no two packages meet, and no run has to know of other packages. Files without a package statement are one
 * package, whose files stand at the root.
 */
export function packagePaths(name: string): PackagePaths {
  const directory = name.replaceAll(".", "/");
  const path = (file: string): string => (directory === "" ? file : `${directory}/${file}`);
  return {
    directory,
    errors: path("errors"),
    channel: path("channel"),
    server: path("server"),
    codecs: path("codecs"),
    validators: path("validators"),
    serviceConfig: path("service_config.json"),
    manifests: path("k8s"),
    docs: path("docs"),
  };
}
