import { lineText } from "@accord-grpc/runtime/contract";
import type { DescFile } from "@bufbuild/protobuf";
import { fileNameProblem } from "../../read/file-names.js";
import { elementPlace } from "../../read/place.js";
import { checkedFiles, packagesToEmit } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";

/**
 * Rules on names that become paths. All visible files are looked at: paths are made of imported files too. All other names are
 * protobuf-es's to check: it takes identifiers alone.
 *
 * Compilers refuse most of this themselves, so there are no cases of it in test/rejected.
 */
export const PATH_RULES = defineRules({
  FILE_NAME: {
    severity: "error",
    waivable: false,
    description:
      "A file name that leads out of the output folder on some system: absolute, with `..`, an empty part, a backslash, a colon, a control character, a trailing dot or blank, or the name of a Windows device.",
    check: checkFileNames,
  },
  PACKAGE_NAME: {
    severity: "error",
    waivable: false,
    description:
      "A package whose name isn't identifiers with dots between them, or has the name of a Windows device in it, where something is generated for it.",
    check: checkPackageNames,
  },
});

function checkFileNames(context: CheckContext, report: Report): void {
  for (const file of filesOf(context)) {
    const problem = fileNameProblem(file.proto.name);
    if (problem !== undefined) {
      report(
        elementPlace(file),
        `The name of this file ${problem}, so nothing is generated: give it a plain relative path, like ledger/v1/ledger.proto.`,
      );
    }
  }
}

const PACKAGE = /^(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?$/;

function checkPackageNames(context: CheckContext, report: Report): void {
  checkPackageFolders(context, report);
  for (const file of filesOf(context)) {
    if (!PACKAGE.test(file.proto.package)) {
      report(
        elementPlace(file),
        `"${lineText(file.proto.package)}" is no name of a package: write it like ledger.v1, letters, digits and underscores between dots.`,
      );
    }
  }
}

/** What a package has in common is generated into the folder of its name. */
function checkPackageFolders({ contract }: CheckContext, report: Report): void {
  for (const { name, files } of packagesToEmit(contract)) {
    const problem = name === "" ? undefined : fileNameProblem(name.replaceAll(".", "/"));
    const file = files.find(({ generate }) => generate);
    if (problem !== undefined && file !== undefined && PACKAGE.test(name)) {
      report(
        elementPlace(file.desc),
        `The package ${name} gets a folder of its name, which ${problem}, so nothing is generated: name it otherwise.`,
      );
    }
  }
}

/** All visible files, if anything is generated. */
function filesOf({ contract }: CheckContext): readonly DescFile[] {
  return checkedFiles(contract).length === 0 ? [] : contract.raw.files.map(({ desc }) => desc);
}
