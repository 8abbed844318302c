import type { DescField, DescFile, DescMessage } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { elementPlace } from "../../read/place.js";
import { isRedacted } from "../../read/redaction.js";
import type { ReportChange } from "./contract-change.js";

/** Compares which fields are redacted, in all messages that two versions both have. */
export function compareRedaction(before: readonly DescFile[], after: readonly DescFile[], report: ReportChange): void {
  const now = new Map(messagesOf(after).map((message) => [message.typeName, message]));
  for (const message of messagesOf(before)) {
    for (const field of message.fields.filter(isRedacted)) {
      const same = now.get(message.typeName)?.fields.find(({ number }) => number === field.number);
      if (same !== undefined && !isRedacted(same)) {
        report("REDACTION_REMOVED", elementPlace(same), `${nameOf(same)} was debug_redact, and now appears in logs.`);
      }
    }
  }
}

function messagesOf(files: readonly DescFile[]): DescMessage[] {
  return files.flatMap((file) => [...nestedTypes(file)].filter((type) => type.kind === "message"));
}

function nameOf(field: DescField): string {
  return `${field.parent.typeName}.${field.name}`;
}
