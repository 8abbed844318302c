import type { ErrorModel, MethodModel, PackageModel, ServiceModel } from "../../model/model.js";

/** The page on load balancing and rollouts: one for each package, since it has one server. */
export const LOAD_BALANCING_PAGE = "grpc_load_balancing.md";

/** The picture of how a pod ends. */
export const TERMINATION_PICTURE = "grpc_load_balancing.svg";

/** A service's page: `LedgerService.md`. */
export function servicePage({ service }: ServiceModel): string {
  return `${service.name}.md`;
}

/** The picture of how a method is sent again: `LedgerService.Transfer.svg`. */
export function resendPicture({ method }: MethodModel): string {
  return `${method.parent.name}.${method.name}.svg`;
}

/** A link within a page. */
export interface Link {
  readonly text: string;
  /** The id of what it leads to. */
  readonly anchor: string;
}

/** The id of a method on its service's page. */
export function methodAnchor({ method }: MethodModel): string {
  return `rpc-${method.name}`;
}

/** The id of an error on the page of a service of `pkg`. Codes are unique in their package only. */
export function errorAnchor(error: ErrorModel, pkg: PackageModel): string {
  return `error-${error.package === pkg.name ? "" : `${error.package}.`}${error.code}`;
}
