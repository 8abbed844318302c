import { elementPlace } from "../read/place.js";
import { checkedPackages } from "./elements.js";
import { type CheckContext, defineRules, type Report } from "./rule.js";
import { counted, listed } from "./wording.js";

/** The rule on what a run has to see. */
export const PARTIAL_PACKAGE_RULES = defineRules({
  PACKAGE_PARTIAL: {
    severity: "error",
    waivable: false,
    description:
      "A run that generates some files of a package and only imports others: what the package has in common would be made of a part of it.",
    check: checkPartial,
  },
});

const MOST_NAMED = 3;

function checkPartial({ contract }: CheckContext, report: Report): void {
  for (const { name, files } of checkedPackages(contract)) {
    const generated = files.filter((file) => file.generate);
    const imported = files.filter((file) => !file.generate && !file.excluded && !isWellKnown(file.desc.proto.name));
    // Nothing is made of messages alone, so there a run may have any of them.
    const first = generated.find(
      ({ annotated, services, catalogs }) => annotated || services.length + catalogs.length > 0,
    );
    if (first === undefined || imported.length === 0) {
      continue;
    }
    const pkg = name === "" ? "the files without a package" : `the package ${name}`;
    const paths = imported.map(({ desc }) => desc.proto.name);
    const all = [...generated.map(({ desc }) => desc.proto.name), ...paths].sort();
    report(
      elementPlace(first.desc),
      `This run generates only a part of ${pkg}: ${some(paths)} ${paths.length === 1 ? "belongs" : "belong"} to it too, and would be ` +
        "left out of what the package has in common, as of its errors.ts and server.ts. With buf, write `strategy: all` under this plugin in buf.gen.yaml, " +
        "and let no `--path` cut the package; for files of a dependency, write `include_imports: true` as well. " +
        `With protoc, name all files of the package in one call: ${all.length > MOST_NAMED ? `${all.slice(0, MOST_NAMED).join(" ")} …` : all.join(" ")}. ` +
        "What is left out on purpose is named by the plugin's option `exclude`.",
    );
  }
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
