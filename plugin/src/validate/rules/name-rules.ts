import type { DescMethod } from "@bufbuild/protobuf";
import { elementPlace } from "../../read/place.js";
import type { ResolvedContract } from "../../resolve/resolved-contract.js";
import { checkedMethods, packagesToEmit } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";

/** Rules on names that can't be told apart, and that only the user can change. All others are escaped. */
export const NAME_RULES = defineRules({
  NAME_COLLISION: {
    severity: "error",
    waivable: false,
    description:
      "Two methods of a service that get the same name in TypeScript, or two files or packages that differ only in upper and lower case.",
    check: checkCollision,
  },
});

function checkCollision({ contract }: CheckContext, report: Report): void {
  checkMethods(contract, report);
  checkFiles(contract, report);
  checkPackages(contract, report);
}

function checkMethods(contract: ResolvedContract, report: Report): void {
  const methods = new Map<unknown, Map<string, DescMethod>>();
  for (const { raw } of checkedMethods(contract)) {
    const { desc } = raw;
    const known = methods.get(desc.parent) ?? new Map<string, DescMethod>();
    methods.set(desc.parent, known);
    const other = known.get(desc.localName);
    if (other !== undefined) {
      report(
        elementPlace(desc),
        `${desc.name} and ${other.name} of ${desc.parent.name} both become ${desc.localName}: rename one, or leave ${desc.parent.file.proto.name} out, by the plugin's option \`exclude\`.`,
      );
    }
    known.set(desc.localName, other ?? desc);
  }
}

// Disks differ in whether they take Ä and ä for the same letter, and whether they know Ä from A and its dots.
function folded(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

function checkFiles(contract: ResolvedContract, report: Report): void {
  const paths = new Map<string, string>();
  for (const { desc } of packagesToEmit(contract).flatMap(({ files }) => files.filter((file) => file.generate))) {
    const path = folded(desc.name);
    const other = paths.get(path);
    if (other !== undefined) {
      report(
        elementPlace(desc),
        `The files made of ${desc.proto.name} and ${other} differ only in upper and lower case, and so are the same file on many disks: rename one, or leave it out, by the plugin's option \`exclude\`.`,
      );
    }
    paths.set(path, other ?? desc.proto.name);
  }
}

function checkPackages(contract: ResolvedContract, report: Report): void {
  const names = new Map<string, string>();
  for (const { name, files } of packagesToEmit(contract)) {
    const path = folded(name);
    const other = names.get(path);
    const file = files.find(({ generate }) => generate);
    if (other !== undefined && file !== undefined) {
      report(
        elementPlace(file.desc),
        `The packages ${name} and ${other} differ only in upper and lower case, and so share their folder on many disks: rename one.`,
      );
    }
    names.set(path, other ?? name);
  }
}
