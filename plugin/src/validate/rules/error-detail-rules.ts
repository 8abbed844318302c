import { GOOGLE_RPC_DETAILS } from "@accord-grpc/runtime/contract";
import type { Place } from "../../read/place.js";
import type { ResolvedError } from "../../resolve/catalog.js";
import { PROPERTIES_OF_ALL_ERRORS, type ResolvedErrorDetail, resolveErrorDetail } from "../../resolve/error-detail.js";
import type { ResolvedPackage } from "../../resolve/resolved-contract.js";
import { checkedErrors } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean, quoted } from "../wording.js";

/** Rules on the messages that errors carry as details. */
export const ERROR_DETAIL_RULES = defineRules({
  ERROR_DETAILS_UNKNOWN: {
    severity: "error",
    waivable: false,
    description: "An error's `details` name no visible message.",
    check: checkKnown,
  },
  ERROR_DETAILS_CLASH: {
    severity: "error",
    waivable: false,
    description:
      "A message stands twice in an error's `details`, is sent anyway, or its property is taken by another one or by all errors.",
    check: checkClash,
  },
});

function checkKnown({ contract }: CheckContext, report: Report): void {
  for (const { error, pkg } of checkedErrors(contract)) {
    error.details.forEach((name, index) => {
      if (!isSentAnyway(name, pkg) && resolveErrorDetail(name, contract.message) === undefined) {
        const known = [...contract.messageNames(), ...GOOGLE_RPC_DETAILS.map((short) => `google.rpc.${short}`)];
        report(placeOf(error, index), explainUnknown(name, pkg, known));
      }
    });
  }
}

function explainUnknown(name: string, pkg: ResolvedPackage, known: readonly string[]): string {
  const whole = [`${pkg.name}.${name}`, `google.rpc.${name}`].find((candidate) => known.includes(candidate));
  const hint = whole === undefined ? didYouMean(name, known) : ` Write its full name, ${quoted(whole)}.`;
  return `No visible message is called ${quoted(name)}: import the file that declares it.${hint}`;
}

function checkClash({ contract }: CheckContext, report: Report): void {
  for (const { error, pkg } of checkedErrors(contract)) {
    const before: ResolvedErrorDetail[] = [];
    error.details.forEach((name, index) => {
      const detail = resolveErrorDetail(name, contract.message);
      const problem = isSentAnyway(name, pkg)
        ? `${name} is sent with every error: leave it out of the details of ${error.code}.`
        : detail && clashOf(detail, before, error);
      if (problem !== undefined) {
        report(placeOf(error, index), problem);
      } else if (detail !== undefined) {
        before.push(detail);
      }
    });
  }
}

function clashOf(
  { typeName, property }: ResolvedErrorDetail,
  before: readonly ResolvedErrorDetail[],
  error: ResolvedError,
): string | undefined {
  const other = before.find((each) => each.property === property);
  if (other?.typeName === typeName) {
    return `${error.code} has the detail ${quoted(typeName)} twice: remove one.`;
  }
  if (other !== undefined) {
    return `${error.code} would have \`${property}\` for both ${other.typeName} and ${typeName}: rename one of the messages.`;
  }
  return PROPERTIES_OF_ALL_ERRORS.has(property)
    ? `${error.code} would have \`${property}\` for ${typeName}, which every error has for something else: rename the message.`
    : undefined;
}

function isSentAnyway(name: string, pkg: ResolvedPackage): boolean {
  return name === "google.rpc.ErrorInfo" || pkg.settings.errorDetail.some(({ value }) => value === name);
}

function placeOf(error: ResolvedError, index: number): Place {
  return error.raw.at.at("details", { index, of: error.details.length });
}
