import type { DescMessage, Message } from "@bufbuild/protobuf";
import { fieldText } from "../../log/field-text.js";
import { payloadText } from "../../log/payload-text.js";
import type { MockedMethodContract } from "./contract.js";
import type { MockCall } from "./mock-call.js";

/** A call as a person may see it: texts alone, without what the contract redacts. */
export interface ShownCall
  extends Pick<MockCall, "id" | "attempt" | "status" | "code" | "message" | "fault" | "source" | "durationMs"> {
  /** As ISO 8601 has it. */
  readonly at: string;
  /** `ledger.v1.LedgerService/Transfer` */
  readonly method: string;
  /** In protobuf's text format, a text for each message. */
  readonly requests: readonly string[];
  readonly responses: readonly string[];
  readonly logFields: Readonly<Record<string, string>>;
}

const SHOWN_CHARACTERS = 2_048;
const SHOWN_MESSAGES = 10;

/** Makes what a person may see of a call. */
export function shownCall(call: MockCall, method: MockedMethodContract): ShownCall {
  const redact = new Set(method.redact);
  const shown = (desc: DescMessage, messages: readonly Message[]): string[] =>
    messages.slice(0, SHOWN_MESSAGES).map((message) => payloadText(desc, message, SHOWN_CHARACTERS, redact));
  const { id, attempt, status, code, message, fault, source, durationMs, path } = call;
  const fields = Object.entries(call.logFields).filter(([, value]) => value !== undefined);
  return {
    id,
    at: call.at.toISOString(),
    method: path,
    attempt,
    requests: shown(call.method.input, call.requests),
    responses: shown(call.method.output, call.responses),
    logFields: Object.fromEntries(fields.map(([key, value]) => [key, fieldText(String(value), 256)])),
    status,
    code,
    message,
    fault,
    source,
    durationMs,
  };
}
