import type { DescFile } from "@bufbuild/protobuf";
import { Status } from "../../read/options.js";
import { elementPlace } from "../../read/place.js";
import type { RaisedName, ResolvedService } from "../../resolve/resolved-contract.js";
import { INVALID_REQUEST, REFUSAL_KEYS } from "../../resolve/validation.js";
import { annotatedServices } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean, listed, quoted } from "../wording.js";

/** Rules on the errors that refuse requests. */
export const REFUSAL_RULES = defineRules({
  VALIDATE_ERROR: {
    severity: "error",
    waivable: false,
    description:
      "The `error` of a `validation`, or a catalogue's own `INVALID_REQUEST`, that doesn't exist, isn't `INVALID_ARGUMENT`, or has metadata that no broken rule gives.",
    check: checkErrors,
  },
});

function checkErrors({ contract }: CheckContext, report: Report): void {
  for (const service of annotatedServices(contract)) {
    const named = [service.validation, ...service.methods.map(({ validation }) => validation)];
    checkOwn(service, report);
    for (const name of new Set(named.flatMap(({ error }) => error ?? []))) {
      const why = whyNot(
        name,
        (service.package.catalog?.errors ?? []).map(({ code }) => code),
      );
      if (why !== undefined) {
        report(name.place, why);
      }
    }
  }
}

/** The catalogue's own error for that, where it is used without being named. */
function checkOwn({ package: pkg, methods }: ResolvedService, report: Report): void {
  const own = pkg.errorByCode.get(INVALID_REQUEST);
  const isUsed = methods.some(
    ({ raw, validation }) => validation.error === undefined && !validation.off && dependsOnRules(raw.desc.input.file),
  );
  if (own === undefined || !isUsed) {
    return;
  }
  const place = elementPlace(own.raw.desc);
  const why = whyNot({ name: own.code, place, error: own }, []);
  if (why !== undefined) {
    report(place, why);
  }
}

/** Whether messages of a file, or what they hold, can have rules of `buf.validate`. */
function dependsOnRules(file: DescFile, seen: Set<DescFile> = new Set()): boolean {
  if (seen.has(file)) {
    return false;
  }
  seen.add(file);
  return file.name === "buf/validate/validate" || file.dependencies.some((each) => dependsOnRules(each, seen));
}

function whyNot({ name, error }: RaisedName, codes: readonly string[]): string | undefined {
  if (error === undefined) {
    return `No error has the code ${quoted(name)}: name one of the package's catalogue.${didYouMean(name, codes)}`;
  }
  if (error.status !== Status.INVALID_ARGUMENT) {
    return `${error.code} can't refuse requests, since its status isn't INVALID_ARGUMENT: name one whose status is.`;
  }
  const others = error.metadata.filter((key) => !REFUSAL_KEYS.includes(key));
  return others.length === 0
    ? undefined
    : `${error.code} can't refuse requests: nothing is known for its metadata ${listed(others)}. A broken rule gives ${listed(REFUSAL_KEYS)}.`;
}
