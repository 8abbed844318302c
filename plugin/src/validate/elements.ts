import { elementPlace, type Place } from "../read/place.js";
import type { RawFile } from "../read/raw-contract.js";
import type { EffectiveCall } from "../resolve/call-policy.js";
import type { ResolvedCatalog, ResolvedError } from "../resolve/catalog.js";
import type {
  ResolvedContract,
  ResolvedMethod,
  ResolvedPackage,
  ResolvedService,
} from "../resolve/resolved-contract.js";

// What is only imported isn't checked: whoever generates it is told. Requests may be large, and say little in Accord's
// language: each rule looks only at what may break it.

/** The elements of a contract that rules look at. */
interface CheckedElements {
  readonly files: readonly RawFile[];
  readonly packages: readonly ResolvedPackage[];
  readonly services: readonly ResolvedService[];
  readonly annotatedServices: readonly ResolvedService[];
}

const known = new WeakMap<ResolvedContract, CheckedElements>();

function elementsOf(contract: ResolvedContract): CheckedElements {
  let elements = known.get(contract);
  if (elements === undefined) {
    const services = contract.packages.flatMap((pkg) => pkg.services);
    elements = {
      files: contract.raw.files.filter((file) => file.generate),
      packages: contract.packages.filter((pkg) => pkg.generate),
      services,
      annotatedServices: services.filter(speaksAccord),
    };
    known.set(contract, elements);
  }
  return elements;
}

/** The files that are checked. */
export function checkedFiles(contract: ResolvedContract): readonly RawFile[] {
  return elementsOf(contract).files;
}

/** The packages of which a file is checked. */
export function checkedPackages(contract: ResolvedContract): readonly ResolvedPackage[] {
  return elementsOf(contract).packages;
}

/** The packages that something is generated of. */
export function packagesToEmit(contract: ResolvedContract): readonly ResolvedPackage[] {
  return checkedPackages(contract).filter(({ services, catalog }) => services.length > 0 || catalog?.raw.file.generate);
}

/** The services that are checked. */
export function checkedServices(contract: ResolvedContract): readonly ResolvedService[] {
  return elementsOf(contract).services;
}

/** The services that say something in Accord's language: those that don't aren't told what they might say. */
export function annotatedServices(contract: ResolvedContract): readonly ResolvedService[] {
  return elementsOf(contract).annotatedServices;
}

/** The methods that are checked. */
export function* checkedMethods(contract: ResolvedContract): Generator<ResolvedMethod> {
  for (const service of checkedServices(contract)) {
    yield* service.methods;
  }
}

/** The error catalogues that are checked. */
export function checkedCatalogs(contract: ResolvedContract): ResolvedCatalog[] {
  return contract.packages.flatMap(({ catalog }) => (catalog?.raw.file.generate === true ? [catalog] : []));
}

/** The errors that are checked, each with its package. */
export function checkedErrors(contract: ResolvedContract): { error: ResolvedError; pkg: ResolvedPackage }[] {
  return contract.packages.flatMap((pkg) =>
    pkg.catalog?.raw.file.generate === true ? pkg.catalog.errors.map((error) => ({ error, pkg })) : [],
  );
}

/**
 * The same, and those of imported catalogues that a checked method raises: their codes and classes stand in generated code, and
 * whoever declares them may never have had them checked.
 */
export function usedErrors(contract: ResolvedContract): ReadonlySet<ResolvedError> {
  const errors = new Set(checkedErrors(contract).map(({ error }) => error));
  for (const service of checkedServices(contract)) {
    const refusals = [service, ...service.methods].flatMap(({ validation }) => validation.error ?? []);
    for (const { error } of [...service.raises, ...refusals, ...service.methods.flatMap(({ raises }) => raises)]) {
      if (error !== undefined) {
        errors.add(error);
      }
    }
  }
  return errors;
}

/** A service says something in Accord's language, itself or in a method. */
export function speaksAccord(service: ResolvedService): boolean {
  return service.raw.annotated || service.raw.methods.some((method) => method.annotated);
}

/** A call policy: a service's defaults, or what holds for a method. */
export interface PolicyScope {
  readonly call: EffectiveCall;
  /** Undefined for a service's defaults. */
  readonly method: ResolvedMethod | undefined;
  readonly service: ResolvedService;
  /** `Transfer`, or `the defaults of LedgerService`. */
  readonly label: string;
  readonly place: Place;
}

/** All call policies of a contract. What a method only inherits is its service's to answer for. */
export function* policyScopes(contract: ResolvedContract): Generator<PolicyScope> {
  for (const service of annotatedServices(contract)) {
    const { desc } = service.raw;
    const label = `the defaults of ${desc.name}`;
    yield { call: service.defaults, method: undefined, service, label, place: elementPlace(desc) };
    for (const method of service.methods) {
      const { desc } = method.raw;
      yield { call: method.call, method, service, label: desc.name, place: elementPlace(desc) };
    }
  }
}
