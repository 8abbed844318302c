import { elementPlace } from "../../read/place.js";
import { checkedPackages } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { counted, listed } from "../wording.js";

/** The rule on what a run has to see. */
export const PARTIAL_PACKAGE_RULES = defineRules({
  PACKAGE_PARTIAL: {
    severity: "error or warning",
    waivable: false,
    description:
      "A run that generates some files of a package, and only imports others or leaves them to another run: what the package has in common would be made of a part of it. A warning where other files of the package only lie beside those of the run.",
    check: checkPartial,
  },
});

const MOST_NAMED = 3;

function checkPartial({ contract, otherParts }: CheckContext, report: Report): void {
  for (const { name, files } of checkedPackages(contract)) {
    const generated = files.filter((file) => file.generate);
    // Nothing is made of messages alone, so there a run may have any of them.
    const first = generated.find(
      ({ annotated, services, catalogs }) => annotated || services.length + catalogs.length > 0,
    );
    if (first === undefined) {
      continue;
    }
    const present = files.map(({ desc }) => desc.proto.name).sort();
    const imported = files
      .filter((file) => !file.generate && !file.excluded && !isWellKnown(file.desc.proto.name))
      .map(({ desc }) => desc.proto.name);
    const elsewhere = otherParts.generated(name, present);
    const [severity, missing] =
      imported.length + elsewhere.length > 0
        ? (["error", [...new Set([...imported, ...elsewhere])].sort()] as const)
        : (["warning", otherParts.found(name, present)] as const);
    if (missing.length > 0) {
      const all = [...new Set([...generated.map(({ desc }) => desc.proto.name), ...missing])].sort();
      report(elementPlace(first.desc), partialMessage(name, missing, all), severity);
    }
  }
}

function partialMessage(name: string, missing: readonly string[], all: readonly string[]): string {
  const pkg = name === "" ? "the files without a package" : `the package ${name}`;
  return (
    `This run generates only a part of ${pkg}: ${some(missing)} ${missing.length === 1 ? "belongs" : "belong"} to it too, and would be ` +
    "left out of what the package has in common, as of its errors.ts and server.ts. With buf, write `strategy: all` under this plugin in buf.gen.yaml, " +
    "and let no `--path` cut the package; for files of a dependency, write `include_imports: true` as well. " +
    `With protoc, name all files of the package in one call: ${all.length > MOST_NAMED ? `${all.slice(0, MOST_NAMED).join(" ")} …` : all.join(" ")}. ` +
    "What is left out on purpose is named by the plugin's option `exclude`."
  );
}

// buf and protoc hand them over as imports always; nobody adds to their package.
function isWellKnown(path: string): boolean {
  return path.startsWith("google/protobuf/");
}

function some(paths: readonly string[]): string {
  return paths.length > MOST_NAMED
    ? `${paths.slice(0, MOST_NAMED).join(", ")} and ${counted(paths.length - MOST_NAMED, "other file")}`
    : listed(paths);
}
