import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { elementPlace } from "../../read/place.js";
import { isVersioned } from "../../resolve/package-names.js";
import { DEPLOYMENT_SETTINGS, type Setting } from "../../resolve/package-settings.js";
import type { ResolvedPackage } from "../../resolve/resolved-contract.js";
import { checkedPackages, speaksAccord } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean, quoted } from "../wording.js";

/** Rules on what holds for a package. */
export const PACKAGE_RULES = defineRules({
  PACKAGE_UNVERSIONED: {
    severity: "warning",
    waivable: true,
    description: "An annotated package whose name doesn't end in a version, `.v1`.",
    check: checkVersion,
  },
  PACKAGE_CONFLICT: {
    severity: "error",
    waivable: false,
    description: "Two files of a package disagree on what they say of the package.",
    check: checkConflicts,
  },
  ERROR_DETAIL_SHAPE: {
    severity: "error",
    waivable: false,
    description:
      "`error_detail` names no visible message, or one without `string code`, `string message` and `map<string, string> metadata`.",
    check: checkDetail,
  },
  ERROR_DOMAIN_FORMAT: {
    severity: "error",
    waivable: false,
    description: "An `error_domain` that isn't written like a DNS name or a package.",
    check: checkDomain,
  },
  LOG_PREFIX_FORMAT: {
    severity: "error",
    waivable: false,
    description: "A `log_prefix` that isn't `[A-Za-z_][A-Za-z0-9_.-]*`, or ends in a dot.",
    check: checkLogPrefix,
  },
});

function checkVersion({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    const annotated = pkg.files.find(
      (file) => file.generate && (file.annotated || file.catalogs.length > 0 || file.services.some((s) => s.annotated)),
    );
    const file = annotated ?? pkg.services.find(speaksAccord)?.raw.file;
    if (file !== undefined && !isVersioned(pkg.name) && !isForeign(pkg)) {
      const message =
        pkg.name === ""
          ? "There is no package, so that names may meet those of others: add `package acme.v1;`."
          : `The package ${pkg.name} has no version, so that it can't change without breaking its callers: name it ${pkg.name}.v1.`;
      report(elementPlace(file.desc), message);
    }
  }
}

/** All that is said of a package stands elsewhere: it isn't the user's to rename. */
function isForeign(pkg: ResolvedPackage): boolean {
  const elements = pkg.files.flatMap((file) => [
    file,
    ...file.catalogs,
    ...file.services.flatMap((service) => [service, ...service.methods]),
  ]);
  return elements.every(({ annotated, desc, at }) => !annotated || at.origin !== desc);
}

function checkConflicts({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    const { settings } = pkg;
    reportConflict("error_domain", settings.errorDomain, report);
    reportConflict("error_detail", settings.errorDetail, report);
    reportConflict("log_prefix", settings.logPrefix, report);
    for (const name of DEPLOYMENT_SETTINGS) {
      reportConflict(`deployment.${snakeCase(name)}`, settings.deployment[name], report);
    }
  }
}

function reportConflict(name: string, setting: Setting<string | number | boolean>, report: Report): void {
  const [first, ...others] = setting;
  for (const other of others) {
    if (first !== undefined && other.value !== first.value) {
      // Whichever is checked is told; as a rule, both are.
      const [told, against] = other.file.generate ? [other, first] : [first, other];
      report(
        told.place,
        `${name} is ${JSON.stringify(told.value)} here, but ${JSON.stringify(against.value)} in ${against.file.desc.proto.name}: it holds for the whole package, so say it once.`,
      );
    }
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function checkDetail({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    for (const { value, place, file } of pkg.settings.errorDetail) {
      if (!file.generate) {
        continue;
      }
      const message = contract.message(value);
      if (message === undefined) {
        report(place, explainMissingDetail(value, pkg, [...contract.messageNames()]));
        continue;
      }
      const lacking = DETAIL_FIELDS.filter(([, has]) => !has(message)).map(([declaration]) => `\`${declaration}\``);
      if (lacking.length > 0) {
        report(
          place,
          `${value} can't be the error detail: it lacks ${lacking.join(", ")}. Add what is missing, by these names and types.`,
        );
      }
    }
  }
}

const DETAIL_FIELDS: readonly (readonly [declaration: string, has: (message: DescMessage) => boolean])[] = [
  ["string code", (message) => hasString(message, "code")],
  ["string message", (message) => hasString(message, "message")],
  [
    "map<string, string> metadata",
    (message) =>
      message.fields.some(
        (field) =>
          field.name === "metadata" &&
          field.fieldKind === "map" &&
          field.mapKey === ScalarType.STRING &&
          field.mapKind === "scalar" &&
          field.scalar === ScalarType.STRING,
      ),
  ],
];

function hasString(message: DescMessage, name: string): boolean {
  return message.fields.some(
    (field) =>
      field.name === name &&
      field.fieldKind === "scalar" &&
      field.scalar === ScalarType.STRING &&
      field.oneof === undefined,
  );
}

function explainMissingDetail(name: string, pkg: ResolvedPackage, known: readonly string[]): string {
  const inPackage = `${pkg.name}.${name}`;
  const hint = known.includes(inPackage) ? ` Write its full name, ${quoted(inPackage)}.` : didYouMean(name, known);
  return `No visible message is called ${quoted(name)}: import the file that declares it.${hint}`;
}

function checkDomain({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    for (const { value, place, file } of pkg.settings.errorDomain) {
      if (file.generate && !/^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}$/.test(value)) {
        report(place, `${quoted(value)} is no error domain: write it like "ledger.example.com".`);
      }
    }
  }
}

function checkLogPrefix({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    for (const { value, place, file } of pkg.settings.logPrefix) {
      if (file.generate && !/^[A-Za-z_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(value)) {
        report(
          place,
          `${quoted(value)} is no log prefix: write it like "ledger"; the dot between it and the key is added.`,
        );
      }
    }
  }
}
