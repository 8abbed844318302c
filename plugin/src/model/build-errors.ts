import { CATEGORY_OF_STATUS } from "@accord-grpc/runtime/contract";
import { Resend } from "../read/options.js";
import { commentOf } from "../read/source-index.js";
import type { ResolvedError } from "../resolve/catalog.js";
import { durationMs } from "../resolve/duration.js";
import { resolveErrorDetail } from "../resolve/error-detail.js";
import type { ResolvedContract, ResolvedPackage } from "../resolve/resolved-contract.js";
import { statusName } from "../resolve/status.js";
import type { ErrorModel } from "./model.js";
import { packagePaths } from "./package-paths.js";

/** The models of all visible errors: one each, so that they can be compared. */
export type ErrorModels = ReadonlyMap<ResolvedError, ErrorModel>;

/** Makes the models of all visible packages' errors. */
export function buildErrors(contract: ResolvedContract): ErrorModels {
  const models = new Map<ResolvedError, ErrorModel>();
  for (const pkg of contract.packages) {
    const parents = parentsOf(pkg);
    const path = packagePaths(pkg.name).errors;
    const build = (error: ResolvedError): ErrorModel => {
      const known = models.get(error);
      if (known !== undefined) {
        return known;
      }
      const parent = parents.get(error);
      const model = errorModel(error, {
        path,
        parent: parent === undefined ? undefined : build(parent),
        descendants: descendantsOf(error, parents),
        details: error.details.flatMap((name) => resolveErrorDetail(name, contract.message) ?? []),
      });
      models.set(error, model);
      return model;
    };
    pkg.catalog?.errors.forEach(build);
  }
  return models;
}

/** Compares errors of one package: what no catalogue declares comes last. */
export function byNumber(a: ErrorModel, b: ErrorModel): number {
  return (a.value?.number ?? Number.MAX_SAFE_INTEGER) - (b.value?.number ?? Number.MAX_SAFE_INTEGER);
}

function errorModel(
  error: ResolvedError,
  place: Pick<ErrorModel, "path" | "parent" | "descendants" | "details">,
): ErrorModel {
  const inherited = new Set(place.parent?.details.map(({ typeName }) => typeName));
  const { options, desc } = error.raw;
  const status = statusName(error.status);
  return {
    value: desc,
    comment: commentOf(desc),
    package: error.package,
    ...place,
    code: error.code,
    exception: error.exception,
    metadataType: error.metadataType,
    status,
    category: CATEGORY_OF_STATUS[status],
    message: error.message.parts,
    messageTemplate: error.messageText,
    metadata: error.metadata,
    optionsType: error.optionsType,
    ownDetails: place.details.filter(({ typeName }) => !inherited.has(typeName)),
    retryAfterMs: durationMs(options.retryAfter),
    neverResend: options.resend === Resend.NEVER,
    docUrl: options.docUrl || undefined,
  };
}

/** The parents that errors name. A circle (which an imported catalogue may have: it isn't checked here) is cut. */
function parentsOf(pkg: ResolvedPackage): ReadonlyMap<ResolvedError, ResolvedError> {
  const parents = new Map<ResolvedError, ResolvedError>();
  for (const error of pkg.catalog?.errors ?? []) {
    const parent = pkg.errorByCode.get(error.raw.options.parent);
    let ancestor = parent;
    while (ancestor !== undefined && ancestor !== error) {
      ancestor = parents.get(ancestor);
    }
    if (parent !== undefined && ancestor === undefined) {
      parents.set(error, parent);
    }
  }
  return parents;
}

function descendantsOf(error: ResolvedError, parents: ReadonlyMap<ResolvedError, ResolvedError>): string[] {
  const codes: string[] = [];
  for (const candidate of parents.keys()) {
    let ancestor = parents.get(candidate);
    while (ancestor !== undefined && ancestor !== error) {
      ancestor = parents.get(ancestor);
    }
    if (ancestor === error) {
      codes.push(candidate.code);
    }
  }
  return codes;
}
