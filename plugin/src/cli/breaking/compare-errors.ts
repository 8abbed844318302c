import type { ErrorModel, PackageModel } from "../../model/model.js";
import { elementPlace, type Place } from "../../read/place.js";
import type { ReportChange } from "./contract-change.js";

/** Compares what two versions of a package declare as its errors. */
export function compareErrors(before: PackageModel, after: PackageModel, report: ReportChange): void {
  const place = packagePlace(after);
  if (place !== undefined && before.errors.length > 0) {
    compareEnvelope(before, after, place, report);
  }
  for (const error of before.errors) {
    // The number is what stays when an error is renamed; buf breaking watches over it.
    const now =
      after.errors.find(({ value }) => value?.number === error.value?.number) ??
      after.errors.find(({ code }) => code === error.code);
    if (now !== undefined) {
      compareError(error, now, report);
    } else if (place !== undefined) {
      report("ERROR_REMOVED", place, `${error.code} is gone. Keep it declared for as long as callers know it.`);
    }
  }
}

function compareEnvelope(before: PackageModel, after: PackageModel, place: Place, report: ReportChange): void {
  if (before.errorDomain !== after.errorDomain) {
    report(
      "ERROR_DOMAIN_CHANGED",
      place,
      `the error domain was "${before.errorDomain}" and is "${after.errorDomain}": callers tell errors apart by it.`,
    );
  }
  const [detail, now] = [before.errorDetail?.typeName, after.errorDetail?.typeName];
  if (detail !== undefined && detail !== now) {
    report(
      "ERROR_DETAIL_CHANGED",
      place,
      `errors carried ${detail}, and now carry ${now ?? "no detail of their own"}.`,
    );
  }
}

function compareError(before: ErrorModel, after: ErrorModel, report: ReportChange): void {
  if (after.value === undefined) {
    return;
  }
  const place = elementPlace(after.value);
  if (before.code !== after.code) {
    report("ERROR_CODE_CHANGED", place, `the code was ${before.code} and is ${after.code}: callers switch on it.`);
  }
  if (before.status !== after.status) {
    report("ERROR_STATUS_CHANGED", place, `${after.code} was ${before.status} and is ${after.status}.`);
  }
  const removed = before.metadata.filter((key) => !after.metadata.includes(key));
  if (removed.length > 0) {
    report("ERROR_METADATA_REMOVED", place, `${after.code} no longer carries ${removed.join(", ")}.`);
  }
  const carried = new Set(after.details.map(({ typeName }) => typeName));
  const lost = before.details.filter(({ typeName }) => !carried.has(typeName)).map(({ typeName }) => typeName);
  if (lost.length > 0) {
    report("ERROR_DETAILS_REMOVED", place, `${after.code} no longer carries the details ${lost.join(", ")}.`);
  }
  if (before.exception !== after.exception) {
    report("EXCEPTION_RENAMED", place, `the class was ${before.exception} and is ${after.exception}.`);
  }
  if (before.parent !== undefined && !ancestors(after).includes(before.parent.value?.number ?? before.parent.code)) {
    report("ERROR_PARENT_CHANGED", place, `${after.code} was a case of ${before.parent.code} and isn't any more.`);
  }
  if (before.neverResend && !after.neverResend) {
    report(
      "ERROR_RESEND_ALLOWED",
      place,
      `after ${after.code} the server forbade sending the call again, and now allows it.`,
    );
  }
}

function ancestors({ parent }: ErrorModel): (number | string)[] {
  return parent === undefined ? [] : [parent.value?.number ?? parent.code, ...ancestors(parent)];
}

/** Where a package says what its errors are: its catalogue, or else its first service. */
function packagePlace({ catalog, services }: PackageModel): Place | undefined {
  const desc = catalog ?? services[0]?.service;
  return desc && elementPlace(desc);
}
