import { checkedFiles } from "./elements.js";
import { type CheckContext, defineRules, type Report } from "./rule.js";

/** Rules on options as such. */
export const OPTION_RULES = defineRules({
  OPTION_UNREADABLE: {
    severity: "error",
    waivable: false,
    description: "An option that isn't in this version's language: another `accord/v1/options.proto` has written it.",
    check: checkReadable,
  },
});

function checkReadable({ contract }: CheckContext, report: Report): void {
  for (const file of checkedFiles(contract)) {
    for (const { place, why } of file.unreadable) {
      report(
        place,
        `This option can't be read: ${why}. Use the accord/v1/options.proto that comes with this version of protoc-gen-accord.`,
      );
    }
  }
}
