import type { DescFile } from "@bufbuild/protobuf";
import type { ContractModel, PackageModel, ServiceModel } from "../../model/model.js";
import { readAnnotations, whereWritten } from "../../read/annotations.js";
import { fileOf } from "../../read/descriptor-path.js";
import { elementPlace } from "../../read/place.js";
import { NO_SOURCES, type ProtoSources } from "../../read/source/proto-sources.js";
import { positionOf } from "../../read/source-index.js";
import { compareErrors } from "./compare-errors.js";
import { compareMethods } from "./compare-methods.js";
import { compareRedaction } from "./compare-redaction.js";
import { CHANGE_RULES, type ChangeRuleId, type ReportChange } from "./contract-change.js";

/** One version of a contract. */
export interface ContractVersion {
  readonly model: ContractModel;
  /** The files that it was read from: the user's own. */
  readonly files: readonly DescFile[];
}

/** A breaking change, at its place in the newer version. */
export interface BreakingChange {
  readonly rule: ChangeRuleId;
  readonly severity: "error" | "warning";
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/**
 * Finds what a newer version of a contract breaks for those who rely on the older one, sorted by place.
 *
 * Only what both have is compared: packages, services, methods and messages that are gone are `buf breaking`'s to tell.
 */
export function compareContracts(
  before: ContractVersion,
  after: ContractVersion,
  sources: ProtoSources = NO_SOURCES,
): BreakingChange[] {
  const changes: BreakingChange[] = [];
  const annotations = readAnnotations(after.files);
  const report: ReportChange = (rule, element, message) => {
    const place = whereWritten(element, annotations);
    const path = fileOf(place.origin).proto.name;
    changes.push({ rule, severity: CHANGE_RULES[rule].severity, path, ...positionOf(place, sources), message });
  };
  for (const pkg of before.model.packages) {
    const now = after.model.packages.find(({ name }) => name === pkg.name);
    if (now === undefined) {
      continue;
    }
    compareErrors(pkg, now, report);
    compareThrottle(pkg, now, report);
    for (const service of pkg.services) {
      const same = now.services.find(({ service: { typeName } }) => typeName === service.service.typeName);
      if (same !== undefined) {
        compareMethods(service, same, report);
      }
    }
  }
  compareRedaction(before.files, after.files, report);
  return changes.sort(
    (a, b) => compareText(a.path, b.path) || a.line - b.line || a.column - b.column || compareText(a.rule, b.rule),
  );
}

/** What stopped the retries of a channel may be gone. Other numbers are another judgement, not a broken promise. */
function compareThrottle(before: PackageModel, after: PackageModel, report: ReportChange): void {
  const resends = ({ methods }: ServiceModel) => methods.some(({ call }) => call.resend.kind !== "none");
  const service = after.services.find(resends);
  if (before.channel.throttle !== undefined && after.channel.throttle === undefined && service !== undefined) {
    report(
      "RETRY_WIDENED",
      elementPlace(service.service),
      `retries of ${after.name} stopped while most calls failed (throttle), and now go on.`,
    );
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
