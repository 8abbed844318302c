import type { ResolvedService } from "../../resolve/resolved-contract.js";
import { annotatedServices } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";

/** Rules on how log lines are written. */
export const LOG_POLICY_RULES = defineRules({
  LOG_SAMPLE_RANGE: {
    severity: "error",
    waivable: false,
    description: "A `sample_one_in` outside 1–1000000.",
    check: checkSample,
  },
});

const MOST = 1_000_000;

function checkSample({ contract }: CheckContext, report: Report): void {
  for (const { sampleOneIn, place, label } of annotatedServices(contract).flatMap(policies)) {
    if (sampleOneIn === 0 || (sampleOneIn !== undefined && sampleOneIn > MOST)) {
      const what = `sample_one_in of ${label} is ${sampleOneIn}`;
      report(
        place,
        sampleOneIn === 0
          ? `${what}: write 1 to log every call, or \`level: LOG_LEVEL_DEBUG\` to log none that ends with OK.`
          : `${what}, and the most is ${MOST}: lower it.`,
      );
    }
  }
}

/** What of a service may say how lines are written: itself, and its methods. */
function policies({ raw, methods }: ResolvedService) {
  return [
    {
      sampleOneIn: raw.options.logPolicy?.sampleOneIn,
      place: raw.at.at("logPolicy").at("sampleOneIn"),
      label: raw.desc.name,
    },
    ...methods.map(({ raw: { options, at, desc } }) => {
      return {
        sampleOneIn: options.logPolicy?.sampleOneIn,
        place: at.at("logPolicy").at("sampleOneIn"),
        label: desc.name,
      };
    }),
  ];
}
