import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { Resume } from "../../read/options.js";
import type { OptionPlace } from "../../read/place.js";
import type { ResolvedMethod } from "../../resolve/resolved-contract.js";
import { cursorKind } from "../../resolve/resume.js";
import { annotatedServices } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean } from "../wording.js";

/** Rules on streams that clients resume. */
export const RESUME_RULES = defineRules({
  RESUME_METHOD: {
    severity: "error",
    waivable: false,
    description:
      "`resume` on a method that isn't server-streaming or isn't `NO_SIDE_EFFECTS`, or beside `no_resend` or `hedge`.",
    check: checkMethods,
  },
  RESUME_FIELD: {
    severity: "error",
    waivable: false,
    description:
      "A `resume` without `from` or `with`, or whose fields don't exist, are no singular integers outside of a oneof, or aren't of one type.",
    check: checkFields,
  },
});

function* resumed(
  context: CheckContext,
): Generator<{ method: ResolvedMethod; resume: Resume; at: OptionPlace<Resume> }> {
  for (const { methods } of annotatedServices(context.contract)) {
    for (const method of methods) {
      const { resume } = method.raw.options;
      if (resume !== undefined) {
        yield { method, resume, at: method.raw.at.at("resume") };
      }
    }
  }
}

function checkMethods(context: CheckContext, report: Report): void {
  for (const { method, at } of resumed(context)) {
    const { desc } = method.raw;
    if (desc.methodKind !== "server_streaming") {
      report(
        at,
        `${desc.name} can't be resumed: only a method with one request and a stream of responses can. Remove \`resume\`.`,
      );
    } else if (desc.idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) {
      report(
        at,
        `${desc.name} is called again when its stream breaks, so it must do nothing but read. Set \`option idempotency_level = NO_SIDE_EFFECTS;\`, or remove \`resume\`.`,
      );
    }
    const { resend } = method.call;
    if (resend?.own === true && (resend.value.kind === "none" || resend.value.kind === "hedge")) {
      const name = resend.value.kind === "none" ? "no_resend" : "hedge";
      report(
        at,
        `${desc.name} has \`resume\` and \`${name}\`, which contradict each other: remove one. \`retry\` says when a stream is resumed.`,
      );
    }
  }
}

function checkFields(context: CheckContext, report: Report): void {
  for (const { method, resume, at } of resumed(context)) {
    const { desc } = method.raw;
    const from = fieldOf({ of: desc.output, name: resume.from, option: "from", at }, report);
    const to = fieldOf({ of: desc.input, name: resume.with, option: "with", at }, report);
    const kinds = [from && cursorKind(from), to && cursorKind(to)];
    if (from !== undefined && to !== undefined && kinds[0] !== kinds[1]) {
      report(
        at.at("with"),
        `${to.name} of ${desc.input.name} is ${kinds[1]}, and ${from.name} of ${desc.output.name} ${kinds[0]}: the one takes what the other had, so give them one type.`,
      );
    }
  }
}

interface Named {
  readonly of: DescMessage;
  readonly name: string;
  readonly option: "from" | "with";
  readonly at: OptionPlace<Resume>;
}

/** The field of that name, if it can be a cursor. */
function fieldOf({ of, name, option, at }: Named, report: Report): DescField | undefined {
  if (name === "") {
    const says =
      option === "from" ? "the response says how far the stream is" : "the request asks for what comes after";
    report(at, `\`resume\` has no \`${option}\`: name the field by which ${says}.`);
    return undefined;
  }
  const place = at.at(option);
  const field = of.fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    const hint = didYouMean(
      name,
      of.fields.map((candidate) => candidate.name),
    );
    report(place, `${of.name} has no field "${name}".${hint}`);
    return undefined;
  }
  if (cursorKind(field) === undefined) {
    report(
      place,
      `${name} of ${of.name} can't say how far a stream is: clients compare it, so it has to be a singular integer outside of a oneof.`,
    );
    return undefined;
  }
  return field;
}
