import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { Mask } from "../../read/options.js";
import type { RawField } from "../../read/raw-contract.js";
import { isRedacted } from "../../read/redaction.js";
import { readLogPath } from "../../resolve/log-path.js";
import type { ResolvedContract } from "../../resolve/resolved-contract.js";
import { checkedFiles } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean, listed, quoted } from "../wording.js";
import { bestReading, readingsOf, type WrittenLogField, writtenLogFields } from "../written-log-fields.js";

/** Rules on the values that are logged. */
export const LOG_PATH_RULES = defineRules({
  LOG_PATH_UNKNOWN: {
    severity: "error",
    waivable: false,
    description: "The path of a log field leads to no field.",
    check: checkUnknown,
  },
  LOG_PATH_REPEATED: {
    severity: "error",
    waivable: false,
    description: "The path of a log field crosses, or a mark stands on, a repeated or map field.",
    check: checkRepeated,
  },
  LOG_PATH_MESSAGE: {
    severity: "error",
    waivable: false,
    description:
      "The path of a log field ends in, or a mark stands on, a message that is no single value (times and wrappers are).",
    check: checkMessage,
  },
  LOG_RESPONSE_STREAM: {
    severity: "error",
    waivable: false,
    description: "`on_response` for a streamed response.",
    check: checkResponseStream,
  },
  LOG_REDACTED: {
    severity: "error",
    waivable: false,
    description: "A field that is `debug_redact`, or in one that is, is logged without a mask.",
    check: checkRedacted,
  },
  LOG_MASK_TYPE: {
    severity: "error",
    waivable: false,
    description: "`MASK_LAST4` of what is no string, or `MASK_LENGTH` of what is neither string nor bytes.",
    check: checkMaskType,
  },
});

/** Marked fields of the files that are checked. */
function checkedMarks(contract: ResolvedContract): RawField[] {
  return checkedFiles(contract).flatMap((file) => file.fields.filter(({ options }) => options.log !== undefined));
}

function checkUnknown({ contract }: CheckContext, report: Report): void {
  for (const written of writtenLogFields(contract)) {
    const reading = bestReading(written);
    if (reading?.kind !== "unknown") {
      continue;
    }
    const { path } = written.field;
    const place = written.at.at("path");
    if (path === "") {
      report(place, 'A log field has no path: name the field to log, like `path: "request_id"`.');
    } else if (reading.message === undefined) {
      report(place, `${quoted(path)} goes on behind a plain value: end the path before ${quoted(reading.segment)}.`);
    } else if (written.shared) {
      report(place, `No ${written.subject} has the field ${quoted(path)}.${didYouMean(path, firstNames(written))}`);
    } else {
      report(
        place,
        `${reading.message.name} has no field ${quoted(reading.segment)}${fieldHint(reading.segment, reading.message)}`,
      );
    }
  }
}

/** Ends the sentence on a field that doesn't exist. */
function fieldHint(name: string, message: DescMessage): string {
  const names = message.fields.map((field) => field.name);
  const meant = didYouMean(name, names);
  if (meant !== "") {
    return /[A-Z]/.test(name) ? `: paths are made of proto names.${meant}` : `.${meant}`;
  }
  return names.length > 0 && names.length <= 8 ? `: it has ${listed(names)}.` : ".";
}

/** The fields that a service's log field may have meant. */
function firstNames({ methods, field }: WrittenLogField): string[] {
  const messages = methods.map(({ desc }) => (field.onResponse ? desc.output : desc.input));
  return [...new Set(messages.flatMap((message) => message.fields.map(({ name }) => name)))];
}

function checkRepeated({ contract }: CheckContext, report: Report): void {
  for (const written of writtenLogFields(contract)) {
    const reading = bestReading(written);
    if (reading?.kind === "repeated") {
      report(
        written.at.at("path"),
        `${quoted(written.field.path)} reads ${reading.field.name}, which is ${kindOf(reading.field)}: there is no single value to log. Name a singular field.`,
      );
    }
  }
  for (const { desc, at } of checkedMarks(contract)) {
    if (desc.fieldKind === "list" || desc.fieldKind === "map") {
      report(at.at("log"), `${desc.name} is ${kindOf(desc)}: there is no single value to log. Remove the mark.`);
    }
  }
}

function kindOf(field: DescField): string {
  return field.fieldKind === "map" ? "a map" : "repeated";
}

function checkMessage({ contract }: CheckContext, report: Report): void {
  for (const written of writtenLogFields(contract)) {
    const reading = bestReading(written);
    if (reading?.kind === "message") {
      report(
        written.at.at("path"),
        `${quoted(written.field.path)} ends in a message: name one of its fields, like ${quoted(`${written.field.path}.${firstFieldOf(reading.field)}`)}.`,
      );
    }
  }
  for (const { desc, at } of checkedMarks(contract)) {
    if (readLogPath(desc.parent, desc.name).kind === "message") {
      report(at.at("log"), `${desc.name} is a message: mark fields of ${desc.message?.name ?? "it"} instead.`);
    }
  }
}

function firstFieldOf(field: DescField): string {
  return field.message?.fields[0]?.name ?? "…";
}

function checkResponseStream({ contract }: CheckContext, report: Report): void {
  for (const written of writtenLogFields(contract)) {
    const readings = readingsOf(written);
    if (readings.length > 0 && readings.every(({ reading }) => reading === undefined)) {
      const [first] = written.methods;
      const who = written.shared ? `every method of ${first?.desc.parent.name}` : first?.desc.name;
      report(
        written.at.at("onResponse"),
        `${who} streams its responses, of which none is logged: remove on_response, or the log field.`,
      );
    }
  }
}

function checkRedacted({ contract }: CheckContext, report: Report): void {
  for (const written of writtenLogFields(contract)) {
    if (written.field.mask !== Mask.UNSPECIFIED) {
      continue;
    }
    for (const { reading } of readingsOf(written)) {
      const redacted = reading?.kind === "value" ? reading.fields.find(isRedacted) : undefined;
      if (redacted !== undefined) {
        report(written.at.at("path"), redactedMessage(redacted));
        break;
      }
    }
  }
  for (const { desc, options, at } of checkedMarks(contract)) {
    if (isRedacted(desc) && options.log?.mask === Mask.UNSPECIFIED) {
      report(at.at("log"), redactedMessage(desc));
    }
  }
}

function redactedMessage(field: DescField): string {
  return `${field.name} is debug_redact and can't be logged as it is: add a mask, like \`mask: MASK_HASH\`, or don't log it.`;
}

function checkMaskType({ contract }: CheckContext, report: Report): void {
  for (const written of writtenLogFields(contract)) {
    const reading = bestReading(written);
    const leaf = reading?.kind === "value" ? reading.fields.at(-1) : undefined;
    const problem = leaf === undefined ? undefined : maskProblem(written.field.mask, leaf);
    if (problem !== undefined) {
      report(written.at.at("mask"), problem);
    }
  }
  for (const { desc, options, at } of checkedMarks(contract)) {
    const problem = options.log === undefined ? undefined : maskProblem(options.log.mask, desc);
    if (problem !== undefined) {
      report(at.at("log").at("mask"), problem);
    }
  }
}

function maskProblem(mask: Mask, field: DescField): string | undefined {
  const type = textType(field);
  if (mask === Mask.LAST4 && type !== "string") {
    return `${field.name} is no string, and has no last four characters: use MASK_HASH.`;
  }
  if (mask === Mask.LENGTH && type === undefined) {
    return `${field.name} is neither string nor bytes, and has no length: use MASK_HASH.`;
  }
  return undefined;
}

function textType(field: DescField): "string" | "bytes" | undefined {
  const name = field.message?.typeName;
  if (name === "google.protobuf.StringValue" || (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING)) {
    return "string";
  }
  const isBytes =
    name === "google.protobuf.BytesValue" || (field.fieldKind === "scalar" && field.scalar === ScalarType.BYTES);
  return isBytes ? "bytes" : undefined;
}
