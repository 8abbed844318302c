import { compareLanguage, isLanguage } from "../../read/language.js";
import { elementPlace } from "../../read/place.js";
import { PLUGIN_NAME, VERSION } from "../../version.js";
import { checkedFiles } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { listed } from "../wording.js";

/** Rules on options as such. */
export const OPTION_RULES = defineRules({
  OPTION_UNREADABLE: {
    severity: "error",
    waivable: false,
    description: "An option that isn't in this version's language: another `accord/v1/options.proto` has written it.",
    check: checkReadable,
  },
  OPTIONS_OUTDATED: {
    severity: "warning",
    waivable: false,
    description: "An `accord/v1/options.proto` among the user's protos that isn't this version's.",
    check: checkLanguage,
  },
});

function checkLanguage({ contract }: CheckContext, report: Report): void {
  for (const { desc } of checkedFiles(contract)) {
    if (!isLanguage(desc)) {
      continue;
    }
    const { missing, foreign } = compareLanguage(desc);
    if (missing.length > 0) {
      report(
        elementPlace(desc),
        `The contract language here is not that of ${PLUGIN_NAME} ${VERSION}: it lacks ${firstOf(missing)}. Run \`accord init\`, which writes it anew.`,
      );
    } else if (foreign.length > 0) {
      report(
        elementPlace(desc),
        `The contract language here is newer than ${PLUGIN_NAME} ${VERSION}, which doesn't know ${firstOf(foreign)}. Upgrade the plugin, or run its \`accord init\`.`,
      );
    }
  }
}

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

/** Versions may differ in much: a few names show which is which. */
function firstOf(names: readonly string[]): string {
  return listed(names.length > 3 ? [...names.slice(0, 3), "more"] : names);
}
