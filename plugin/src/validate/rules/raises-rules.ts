import { elementPlace } from "../../read/place.js";
import type { ResolvedError } from "../../resolve/catalog.js";
import type { RaisedName, ResolvedContract, ResolvedMethod, ResolvedPackage } from "../../resolve/resolved-contract.js";
import { annotatedServices } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean, quoted } from "../wording.js";

/** Rules on what methods raise. */
export const RAISES_RULES = defineRules({
  RAISES_UNKNOWN: {
    severity: "error",
    waivable: false,
    description: "A name in `raises` that is no code of the package's catalogue, and no value of another visible one.",
    check: checkUnknown,
  },
  RAISES_DUPLICATE: {
    severity: "warning",
    waivable: true,
    description: "An error that a method raises twice, or that its service raises already.",
    check: checkDuplicates,
  },
  RAISES_AMBIGUOUS: {
    severity: "error",
    waivable: false,
    description:
      "A method raises errors of two packages with the same domain and code, which callers can't tell apart.",
    check: checkAmbiguous,
  },
  RAISES_UNUSED: {
    severity: "warning",
    waivable: true,
    description: "A declared error that no method raises, in a package with services.",
    check: checkUnused,
  },
});

/** What can be raised, and by whom: a service for all of its methods, or a method. */
function* raisers(contract: ResolvedContract): Generator<{ raises: readonly RaisedName[]; owner: ResolvedPackage }> {
  for (const service of annotatedServices(contract)) {
    yield { raises: service.raises, owner: service.package };
    for (const method of service.methods) {
      yield { raises: method.raises, owner: service.package };
    }
  }
}

function checkUnknown({ contract }: CheckContext, report: Report): void {
  for (const { raises, owner } of raisers(contract)) {
    for (const { name, place, error } of raises) {
      if (error === undefined) {
        report(place, explainUnknown(name, owner, contract));
      }
    }
  }
}

function explainUnknown(name: string, owner: ResolvedPackage, contract: ResolvedContract): string {
  if (name === "") {
    return "A name in `raises` is empty: write an error's business code, or remove it.";
  }
  const own = owner.catalog?.errors ?? [];
  const value = owner.catalog?.raw.values.find(({ desc }) => desc.name === name);
  if (value !== undefined) {
    const error = own.find((candidate) => candidate.raw === value);
    return error === undefined
      ? `${name} is the catalogue's zero value, which is no error: name one of the others.`
      : `${name} is the name of an enum value: write its business code, ${quoted(error.code)}.`;
  }
  const foreign = foreignErrors(owner, contract);
  const elsewhere = foreign.find((error) => error.code === name || error.raw.desc.name === name);
  if (elsewhere !== undefined) {
    return `${quoted(name)} is an error of ${elsewhere.package}: write its full name, ${quoted(elsewhere.fullName)}.`;
  }
  if (name.includes(".")) {
    return `No visible error catalogue has a value ${quoted(name)}: import the file that declares it, or generate both in one run (buf: \`strategy: all\`; protoc: all files in one call).${didYouMean(
      name,
      foreign.map((error) => error.fullName),
    )}`;
  }
  return owner.catalog === undefined
    ? `No error has the code ${quoted(name)}: ${owner.name === "" ? "the package" : owner.name} has no error catalogue. Mark an enum with \`option (accord.v1.errors) = {};\`, import the file that has it, or generate all of the package in one run (buf: \`strategy: all\`; protoc: all its files in one call).`
    : `No error of ${owner.catalog.raw.desc.name} has the code ${quoted(name)}: declare it there.${didYouMean(
        name,
        own.map((error) => error.code),
      )}`;
}

function foreignErrors(owner: ResolvedPackage, contract: ResolvedContract): ResolvedError[] {
  return contract.packages.filter((pkg) => pkg !== owner).flatMap((pkg) => pkg.catalog?.errors ?? []);
}

function checkDuplicates({ contract }: CheckContext, report: Report): void {
  for (const service of annotatedServices(contract)) {
    const ofService = new Set<ResolvedError>();
    reportRepeated(service.raises, ofService, () => `${service.raw.desc.name} names it twice`, report);
    for (const method of service.methods) {
      const seen = new Set(ofService);
      reportRepeated(
        method.raises,
        seen,
        (error) =>
          ofService.has(error)
            ? `${service.raw.desc.name} raises it for all of its methods`
            : `${method.raw.desc.name} names it twice`,
        report,
      );
    }
  }
}

function reportRepeated(
  raises: readonly RaisedName[],
  seen: Set<ResolvedError>,
  why: (error: ResolvedError) => string,
  report: Report,
): void {
  for (const { name, place, error } of raises) {
    if (error === undefined) {
      continue;
    }
    if (seen.has(error)) {
      report(place, `${quoted(name)} is superfluous here: ${why(error)}. Remove it.`);
    }
    seen.add(error);
  }
}

function checkAmbiguous({ contract }: CheckContext, report: Report): void {
  const packages = new Map(contract.packages.map((pkg) => [pkg.name, pkg]));
  const identityOf = (error: ResolvedError): string =>
    `${packages.get(error.package)?.settings.errorDomain[0]?.value ?? error.package} ${error.code}`;
  for (const service of annotatedServices(contract)) {
    const scopes: readonly (readonly RaisedName[])[] = [
      service.raises,
      ...service.methods.map((method: ResolvedMethod) => [...service.raises, ...method.raises]),
    ];
    for (const raises of scopes) {
      const known = new Map<string, ResolvedError>();
      for (const { place, error } of raises) {
        if (error === undefined) {
          continue;
        }
        const identity = identityOf(error);
        const other = known.get(identity);
        known.set(identity, other ?? error);
        if (other !== undefined && other.package !== error.package) {
          report(
            place,
            `${error.fullName} and ${other.fullName} have the same domain and the same code, ${error.code}, so that callers can't tell them apart: give ${error.package} an error_domain of its own.`,
          );
        }
      }
    }
  }
}

function checkUnused({ contract }: CheckContext, report: Report): void {
  const raised = new Set<ResolvedError>();
  for (const { raises } of raisers(contract)) {
    for (const { error } of raises) {
      if (error !== undefined) {
        raised.add(error);
      }
    }
  }
  for (const service of annotatedServices(contract)) {
    for (const { validation } of [service, ...service.methods]) {
      if (validation.error?.error !== undefined) {
        raised.add(validation.error.error);
      }
    }
  }
  for (const pkg of contract.packages) {
    // A package without services declares its errors for others, who needn't be in this request.
    if (pkg.catalog === undefined || !pkg.catalog.raw.file.generate || pkg.services.length === 0) {
      continue;
    }
    for (const error of pkg.catalog.errors) {
      const family = [...lineage(error, pkg), ...pkg.catalog.errors.filter((other) => lineage(other, pkg).has(error))];
      if (!error.raw.desc.deprecated && !family.some((relative) => raised.has(relative))) {
        report(
          elementPlace(error.raw.desc),
          `No method raises ${error.code}: add it to the \`raises\` of those that do, or remove it.`,
        );
      }
    }
  }
}

/** An error with its ancestors: who raises one of them may raise it. */
function lineage(error: ResolvedError, pkg: ResolvedPackage): Set<ResolvedError> {
  const line = new Set<ResolvedError>();
  for (let next: ResolvedError | undefined = error; next !== undefined && !line.has(next); ) {
    line.add(next);
    next = pkg.errorByCode.get(next.raw.options.parent);
  }
  return line;
}
