import { AuthRequirement } from "../../read/options.js";
import type { Place } from "../../read/place.js";
import { annotatedServices } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { quoted } from "../wording.js";

/** Rules on who may call. */
export const AUTH_RULES = defineRules({
  AUTH_SCOPES: {
    severity: "error",
    waivable: false,
    description: "Scopes where no caller has to be known, an empty scope, or one that is named twice.",
    check: checkScopes,
  },
});

function checkScopes({ contract }: CheckContext, report: Report): void {
  for (const { raw, methods } of annotatedServices(contract)) {
    const own = raw.options.auth?.scopes ?? [];
    const inherits = methods.some(({ auth }) => auth.requirement === "required");
    if (own.length > 0 && !inherits && raw.options.auth?.requirement !== AuthRequirement.REQUIRED) {
      report(
        raw.at.at("auth").at("scopes"),
        `${raw.desc.name} names scopes, but none of its methods requires a caller to be known: add requirement: AUTH_REQUIREMENT_REQUIRED.`,
      );
    }
    checkNames(own, (index) => raw.at.at("auth").at("scopes", { index, of: own.length }), report);
    for (const { raw: method, auth } of methods) {
      const scopes = method.options.auth?.scopes ?? [];
      if (scopes.length > 0 && auth.requirement !== "required") {
        report(
          method.at.at("auth").at("scopes"),
          `${method.desc.name} names scopes, but ${auth.requirement === "none" ? "anybody may call it" : "callers needn't be known"}: add requirement: AUTH_REQUIREMENT_REQUIRED.`,
        );
      }
      checkNames(scopes, (index) => method.at.at("auth").at("scopes", { index, of: scopes.length }), report);
    }
  }
}

function checkNames(scopes: readonly string[], placeOf: (index: number) => Place, report: Report): void {
  scopes.forEach((scope, index) => {
    if (scope.trim() === "") {
      report(placeOf(index), "A scope is empty: name it, or remove it.");
    } else if (scopes.indexOf(scope) !== index) {
      report(placeOf(index), `The scope ${quoted(scope)} is named twice: remove one.`);
    }
  });
}
