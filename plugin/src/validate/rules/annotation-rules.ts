import type { AnyDesc } from "@bufbuild/protobuf";
import { type AnnotationProblem, needsCode } from "../../read/annotations.js";
import { fileOf } from "../../read/descriptor-path.js";
import { checkedFiles } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean, quoted } from "../wording.js";

/** Rules on contracts that stand elsewhere than their elements. */
export const ANNOTATION_RULES = defineRules({
  ANNOTATION_TARGET: {
    severity: "error",
    waivable: false,
    description: "`annotate` says nothing, or names no visible element, or one that takes another option.",
    check: checkTargets,
  },
  ANNOTATION_CONFLICT: {
    severity: "error",
    waivable: false,
    description: "`annotate` for an element that has a contract already.",
    check: checkConflicts,
  },
  ANNOTATION_APART: {
    severity: "error",
    waivable: false,
    description:
      "`annotate` for an element whose file isn't generated in the same run, so that its code would lack the contract.",
    check: checkApart,
  },
});

function* problems({ contract }: CheckContext): Generator<AnnotationProblem> {
  const checked = new Set<AnyDesc>(checkedFiles(contract).map(({ desc }) => desc));
  for (const problem of contract.raw.annotations.problems) {
    if (checked.has(fileOf(problem.place.origin))) {
      yield problem;
    }
  }
}

function checkTargets(context: CheckContext, report: Report): void {
  for (const { place, element, why, option, found } of problems(context)) {
    if (why === "empty") {
      report(place, `Nothing is said of ${quoted(element)}: add a contract, like \`method: {call: {timeout: "5s"}}\`.`);
    } else if (why === "unknown") {
      const names = [...context.contract.raw.annotations.names(option ?? "")];
      const hint = didYouMean(element, names) || " Name it in full, and import the file that declares it.";
      report(place, `Nothing visible here is called ${quoted(element)}.${hint}`);
    } else if (why === "kind") {
      report(place, `${quoted(element)} is ${kindOf(found)}, which \`${option}\` says nothing of${rightOption(found)}`);
    }
  }
}

const KINDS: Partial<Record<AnyDesc["kind"], readonly [what: string, option: string | undefined]>> = {
  file: ["a package", "file"],
  service: ["a service", "service"],
  rpc: ["a method", "method"],
  field: ["a field", "field"],
  enum: ["an enum", "errors"],
  enum_value: ["an enum value", "error"],
  message: ["a message", undefined],
};

function kindOf(found: AnyDesc | undefined): string {
  return (found && KINDS[found.kind]?.[0]) ?? "something else";
}

function rightOption(found: AnyDesc | undefined): string {
  const option = found && KINDS[found.kind]?.[1];
  return option === undefined ? ": the language has no option for it." : `: write \`${option}\`.`;
}

function checkConflicts(context: CheckContext, report: Report): void {
  for (const { place, element, why } of problems(context)) {
    if (why === "taken") {
      report(place, `${element} has a contract already, and can have only one: remove this one, or the other.`);
    }
  }
}

function checkApart({ contract }: CheckContext, report: Report): void {
  const checked = new Set<AnyDesc>(checkedFiles(contract).map(({ desc }) => desc));
  for (const [desc, { at }] of contract.raw.annotations.contracts) {
    const file = fileOf(desc);
    if (needsCode(desc) && checked.has(fileOf(at.origin)) && !checked.has(file)) {
      const [name, own] = [file.proto.name, fileOf(at.origin).proto.name];
      report(
        at,
        `${name} isn't generated in this run, so that its code lacks this contract: generate it together with ${own} (\`strategy: all\`; \`include_imports: true\` for a dependency), or leave ${own} out, by the plugin's option \`exclude\`.`,
      );
    }
  }
}
