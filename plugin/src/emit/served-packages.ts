import type { ContractModel, PackageModel } from "../model/model.js";

/**
 * The packages that a user's server answers for, each with the services that it does: what servers, manifests and pages are
 * made of. The rest has clients only.
 */
export function servedPackages({ packages }: ContractModel): PackageModel[] {
  return packages
    .map((pkg) => ({ ...pkg, services: pkg.services.filter(({ isBuiltIn }) => !isBuiltIn) }))
    .filter(({ services }) => services.length > 0);
}
