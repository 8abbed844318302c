import { type Auth, AuthRequirement } from "../read/options.js";
import type { EffectiveAuth } from "./resolved-contract.js";

const REQUIREMENTS = {
  [AuthRequirement.UNSPECIFIED]: undefined,
  [AuthRequirement.NONE]: "none",
  [AuthRequirement.OPTIONAL]: "optional",
  [AuthRequirement.REQUIRED]: "required",
} as const;

/**
 * A method's requirement replaces its service's. Their scopes add up: to harden a method must not take from it what its service
 * asks for. Where callers needn't be known, the service's scopes don't hold.
 */
export function effectiveAuth(method: Auth | undefined, service: Auth | undefined): EffectiveAuth {
  const requirement =
    REQUIREMENTS[method?.requirement ?? AuthRequirement.UNSPECIFIED] ??
    REQUIREMENTS[service?.requirement ?? AuthRequirement.UNSPECIFIED] ??
    "none";
  const inherited = requirement === "required" ? (service?.scopes ?? []) : [];
  return { requirement, scopes: [...new Set([...inherited, ...(method?.scopes ?? [])])] };
}
