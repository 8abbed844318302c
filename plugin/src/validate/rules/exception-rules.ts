import { elementPlace, type Place } from "../../read/place.js";
import { pascalCase } from "../../resolve/casing.js";
import type { ResolvedError } from "../../resolve/catalog.js";
import { BUILT_IN_ERRORS, packageErrorClasses } from "../../resolve/package-names.js";
import type { ResolvedPackage } from "../../resolve/resolved-contract.js";
import { checkedErrors, usedErrors } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { quoted } from "../wording.js";

/** Rules on the classes that errors become. */
export const EXCEPTION_RULES = defineRules({
  EXCEPTION_NAME_FORMAT: {
    severity: "error",
    waivable: false,
    description: "An `exception` that is no class name in PascalCase.",
    check: checkFormat,
  },
  EXCEPTION_NAME_CLASH: {
    severity: "error",
    waivable: false,
    description:
      "An exception with the name of another one, of a class that the package has anyway, or of one of JavaScript's.",
    check: checkClash,
  },
});

function placeOf({ raw }: ResolvedError): Place {
  return raw.options.exception === "" ? elementPlace(raw.desc) : raw.at.at("exception");
}

function checkFormat({ contract }: CheckContext, report: Report): void {
  for (const error of usedErrors(contract)) {
    const name = error.raw.options.exception;
    if (name !== "" && !/^[A-Z][A-Za-z0-9]*$/.test(name)) {
      report(
        placeOf(error),
        `${quoted(name)} is no class name: write a capital, then letters and digits, like InsufficientFundsError.`,
      );
    }
  }
}

function checkClash({ contract }: CheckContext, report: Report): void {
  const taken = new Map<ResolvedPackage, Map<string, string>>();
  for (const { error, pkg } of checkedErrors(contract)) {
    let owners = taken.get(pkg);
    if (owners === undefined) {
      const owner = `one of the classes that ${pkg.name || "the package"} has anyway`;
      owners = new Map(packageErrorClasses(pkg.identifiers).map((name) => [name, owner]));
      taken.set(pkg, owners);
    }
    const names = [
      error.exception,
      ...(error.metadata.length > 0 ? [error.metadataType] : []),
      ...(error.details.length > 0 ? [error.optionsType] : []),
    ];
    for (const name of names) {
      const owner = BUILT_IN_ERRORS.has(name) ? "a class that every module has" : owners.get(name);
      if (owner === undefined) {
        owners.set(name, `what ${error.code} becomes`);
      } else {
        report(
          placeOf(error),
          `${error.code} would become ${name}, which is ${owner}: give it another name, like {exception: "${suggestion(error, pkg)}"}.`,
        );
      }
    }
  }
}

function suggestion(error: ResolvedError, pkg: ResolvedPackage): string {
  const { errorPrefix } = pkg.identifiers;
  const name = pascalCase(error.code);
  return `${name.startsWith(errorPrefix) ? "" : errorPrefix}${name}Exception`;
}
