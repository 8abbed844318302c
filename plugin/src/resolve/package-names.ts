import { pascalCase, upperSnakeCase } from "./casing.js";

/** A package's name, taken apart. */
export interface PackageNameParts {
  /** `ledger` of `acme.ledger.v1`. */
  readonly last: string;
  /** `v1`; undefined if the package has no version. */
  readonly version: string | undefined;
  /** `acme.ledger`. */
  readonly unversioned: string;
}

// buf's rule PACKAGE_VERSION_SUFFIX.
const VERSION = /^v[1-9]\d*(?:test.*|(?:p[1-9]\d*)?(?:alpha|beta)(?:[1-9]\d*)?)?$/;

/** What files without a package statement are called. A file's own name wouldn't do: all of them are one package. */
const UNNAMED = "api";

/**
 * Takes a package's name apart.
 *
 * @param name empty for files without a package statement
 */
export function packageNameParts(name: string): PackageNameParts {
  const segments = (name || UNNAMED).split(".");
  const version = VERSION.test(segments.at(-1) ?? "") ? segments.at(-1) : undefined;
  const rest = version === undefined || segments.length === 1 ? segments : segments.slice(0, -1);
  return {
    last: rest.at(-1) ?? UNNAMED,
    version: segments.length === 1 && version !== undefined ? undefined : version,
    unversioned: rest.join("."),
  };
}

/** Whether a package ends in a version, `.v1`. */
export function isVersioned(name: string): boolean {
  return VERSION.test(name.split(".").at(-1) ?? "");
}

/** Identifiers that belong to a package. */
export interface PackageIdentifiers {
  /** `Ledger`: before `Error`, `UnavailableError`, … */
  readonly errorPrefix: string;
  /** `LedgerError`. */
  readonly baseError: string;
  /** `LEDGER_ERROR_MAP`. */
  readonly errorMap: string;
  /** `LedgerV1`: in `buildLedgerV1Channel`, `createLedgerV1Server`, `LedgerV1Servicers`. */
  readonly versioned: string;
  /** `LEDGER_V1_SERVICE_CONFIG`. */
  readonly serviceConfig: string;
}

/**
 * Classes that every module has, and the one that all errors extend: a package's base error takes no such name, or its
 * users couldn't tell what they catch.
 */
export const BUILT_IN_ERRORS: ReadonlySet<string> = new Set([
  "Error",
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "SuppressedError",
  "ContractError",
]);

/** Derives a package's identifiers from its name. */
export function packageIdentifiers(parts: PackageNameParts): PackageIdentifiers {
  const errorPrefix = identifierStart(pascalCase(parts.last));
  const constant = constantStart(upperSnakeCase(parts.last));
  const version = parts.version ?? "";
  const escaped = BUILT_IN_ERRORS.has(`${errorPrefix}Error`) ? `Api${errorPrefix}` : errorPrefix;
  return {
    errorPrefix: escaped,
    baseError: `${escaped}Error`,
    errorMap: `${constant}_ERROR_MAP`,
    versioned: errorPrefix + pascalCase(version),
    serviceConfig: `${version === "" ? constant : `${constant}_${version.toUpperCase()}`}_SERVICE_CONFIG`,
  };
}

function identifierStart(name: string): string {
  return /^[A-Za-z]/.test(name) ? name : `Api${name}`;
}

function constantStart(name: string): string {
  return /^[A-Z]/.test(name) ? name : `API${name}`;
}

const CATEGORY_SUFFIXES = [
  "Unavailable",
  "InvalidArgument",
  "Conflict",
  "NotFound",
  "FailedPrecondition",
  "PermissionDenied",
  "Unauthenticated",
  "ResourceExhausted",
  "Cancelled",
  "Unknown",
] as const;

/** A class of errors that share a treatment. */
export type Category = (typeof CATEGORY_SUFFIXES)[number];

/** The classes that each package's `errors.ts` has, whatever its catalogue: the base, and one for each category. */
export function packageErrorClasses(identifiers: PackageIdentifiers): string[] {
  return [identifiers.baseError, ...CATEGORY_SUFFIXES.map((category) => `${identifiers.errorPrefix}${category}Error`)];
}
