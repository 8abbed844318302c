import type { DescMethod } from "@bufbuild/protobuf";
import { elementPlace } from "../read/place.js";
import { checkedFiles, checkedMethods } from "./elements.js";
import { type CheckContext, defineRules, type Report } from "./rule.js";

/** Rules on names that can't be told apart, and that only the user can change. All others are escaped. */
export const NAME_RULES = defineRules({
  NAME_COLLISION: {
    severity: "error",
    waivable: false,
    description:
      "Two methods of a service that get the same name in TypeScript, or two files that differ only in upper and lower case.",
    check: checkCollision,
  },
});

function checkCollision({ contract }: CheckContext, report: Report): void {
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
  const paths = new Map<string, string>();
  for (const { desc, services } of checkedFiles(contract)) {
    if (services.length === 0) {
      continue;
    }
    const folded = desc.name.toLowerCase();
    const other = paths.get(folded);
    if (other !== undefined) {
      report(
        elementPlace(desc),
        `The files made of ${desc.proto.name} and ${other} differ only in upper and lower case, and so are the same file on many disks: rename one, or leave it out, by the plugin's option \`exclude\`.`,
      );
    }
    paths.set(folded, other ?? desc.proto.name);
  }
}
