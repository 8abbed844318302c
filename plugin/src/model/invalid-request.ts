import { CATEGORY_OF_STATUS } from "@accord-grpc/runtime/contract";
import type { ResolvedPackage } from "../resolve/resolved-contract.js";
import { INVALID_REQUEST, REFUSAL_KEYS } from "../resolve/validation.js";
import type { ErrorModel } from "./model.js";
import { packagePaths } from "./package-paths.js";

/**
 * The error that refuses requests of a package that break their rules, where the contract names none: its catalogue's own
 * `INVALID_REQUEST`, else one that every package has.
 */
export function invalidRequest(pkg: ResolvedPackage, errors: readonly ErrorModel[]): ErrorModel {
  const own = errors.find(({ code }) => code === INVALID_REQUEST);
  if (own !== undefined) {
    return own;
  }
  const taken = new Set(errors.flatMap((error) => [error.exception, error.metadataType, error.optionsType]));
  const name = taken.has("InvalidRequestError") ? `${pkg.identifiers.errorPrefix}InvalidRequest` : "InvalidRequest";
  const badRequest = { typeName: "google.rpc.BadRequest", property: "badRequest", message: "BadRequest" } as const;
  return {
    value: undefined,
    comment: "The request breaks rules of its proto. Which ones, its details say.",
    package: pkg.name,
    path: packagePaths(pkg.name).errors,
    code: INVALID_REQUEST,
    exception: `${name}Error`,
    metadataType: `${name}Metadata`,
    optionsType: `${name}Options`,
    status: "INVALID_ARGUMENT",
    category: CATEGORY_OF_STATUS.INVALID_ARGUMENT,
    message: [{ text: "The request is invalid: " }, { key: "field" }, { text: ": " }, { key: "problem" }],
    messageTemplate: "The request is invalid: {field}: {problem}",
    metadata: REFUSAL_KEYS,
    details: [badRequest],
    ownDetails: [badRequest],
    retryAfterMs: undefined,
    neverResend: false,
    docUrl: undefined,
    parent: undefined,
    descendants: [],
  };
}
