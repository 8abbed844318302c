import type { IncomingHttpHeaders } from "node:http2";
import { gunzipSync, inflateSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { messageOf } from "../thrown-message.js";
import { type Answer, answerMessage, answerStatus, endedWith } from "./answer.js";
import type { Findings } from "./finding.js";
import { leakIn } from "./leaked-text.js";
import { statusDetails } from "./status-details.js";
import type { VerifyMethod } from "./verify-method.js";
import type { VerifyRuleId } from "./verify-rules.js";

/** Tells what is wrong with one answer. */
export type Tell = (rule: VerifyRuleId, text: string) => void;

/** Makes a {@link Tell} for a call. */
export function telling(findings: Findings, subject: string | undefined, call?: string): Tell {
  return (rule, text) => findings.add(rule, subject, text, call);
}

/** What headers and trailers of an answer may take together: Accord's own servers keep to it by default. */
const MOST_METADATA_BYTES = 3_584;
/** What HTTP/2 counts for a field beside its name and value (RFC 9113, section 6.5.2). */
const FIELD_BYTES = 32;
const LARGEST_UNPACKED = 64 * 1024 * 1024;

/** Checks what holds for each answer, whatever was asked: how it is framed, and that nothing internal is in it. */
export function checkWire(answer: Answer, tell: Tell): void {
  if (answer.end === "broken") {
    tell("STREAM_RESET", `the answer ended with ${answer.reason}`);
    return;
  }
  const { headers } = answer;
  if (headers === undefined) {
    return;
  }
  const httpStatus = headers[":status"];
  const contentType = headers["content-type"];
  if (httpStatus !== 200) {
    tell("HTTP_STATUS_WRONG", `:status is ${httpStatus}`);
  }
  const isGrpc = /^application\/grpc(?:\+proto)?(?:$|;)/.test(contentType ?? "");
  if (!isGrpc) {
    tell(
      "CONTENT_TYPE_WRONG",
      contentType === undefined ? "content-type is missing" : `content-type is ${contentType}`,
    );
  }
  if (answer.end === "ended" && answerStatus(answer) === undefined && isGrpc && httpStatus === 200) {
    const status = answer.trailers?.["grpc-status"];
    tell("GRPC_STATUS_MISSING", status === undefined ? "there is no grpc-status" : `grpc-status is ${status}`);
  }
  checkMessageHeader(answer, tell);
  checkSize(answer, tell);
  checkLeaks(answer, tell);
}

function checkMessageHeader(answer: Answer, tell: Tell): void {
  const text = answer.trailers?.["grpc-message"];
  if (typeof text !== "string" || text === "") {
    return;
  }
  if (endedWith(answer, "OK")) {
    tell("GRPC_MESSAGE_WITH_OK", `grpc-message is ${JSON.stringify(answerMessage(answer))}`);
  }
  if (/[^\x20-\x7e]/.test(text) || !isPercentEncoded(text)) {
    tell("GRPC_MESSAGE_ENCODING", `grpc-message is ${JSON.stringify(text)}`);
  }
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function checkSize({ headers, trailers }: Answer, tell: Tell): void {
  const bytes = fieldBytes(headers) + (trailers === headers ? 0 : fieldBytes(trailers));
  if (bytes > MOST_METADATA_BYTES) {
    tell("TRAILERS_TOO_LARGE", `headers and trailers take ${bytes} bytes, of ${MOST_METADATA_BYTES}`);
  }
}

function fieldBytes(fields: IncomingHttpHeaders | undefined): number {
  return Object.entries(fields ?? {})
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)] as const))
    .reduce((sum, [name, value]) => sum + name.length + value.length + FIELD_BYTES, 0);
}

function checkLeaks(answer: Answer, tell: Tell): void {
  const details = statusDetails(answer);
  const known = details === undefined || details === "undecodable" ? undefined : details;
  if (known?.hasDebugInfo) {
    tell("INTERNALS_LEAKED", "the status carries a google.rpc.DebugInfo");
  }
  const places: (readonly [place: string, text: string])[] = [
    ["grpc-message", answerMessage(answer)],
    ...(known?.texts ?? []).map((text) => ["grpc-status-details-bin", text] as const),
    ...foreignFields(answer.headers),
    ...(answer.trailers === answer.headers ? [] : foreignFields(answer.trailers)),
  ];
  for (const [place, text] of places) {
    const leak = leakIn(text);
    if (leak !== undefined) {
      tell("INTERNALS_LEAKED", `${place} shows ${leak}: ${JSON.stringify(shortened(text))}`);
    }
  }
}

/** Metadata that isn't gRPC's, and isn't bytes. */
function foreignFields(fields: IncomingHttpHeaders | undefined): (readonly [string, string])[] {
  return Object.entries(fields ?? {}).flatMap(([name, value]) =>
    typeof value !== "string" || name.startsWith("grpc-") || name.endsWith("-bin") ? [] : [[name, value] as const],
  );
}

function shortened(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** Checks a call's messages: how many there are, how large, whether they decode, whether they may be compressed. */
export function checkMessages(answer: Answer, method: VerifyMethod, accepted: string | undefined, tell: Tell): void {
  const { frames, rest, cut } = answer;
  if (rest > 0 && !cut && answer.end === "ended") {
    tell("ANSWER_UNDECODABLE", "the answer ends in the middle of a message");
  }
  if (endedWith(answer, "OK") && !method.streamsResponses && rest === 0 && frames.length !== 1) {
    tell("ANSWER_COUNT", `the answer has ${frames.length} messages`);
  }
  const header = answer.headers?.["grpc-encoding"];
  const encoding = Array.isArray(header) ? header.join(", ") : header;
  const isAccepted = encoding !== undefined && encoding === accepted;
  for (const { compressed, bytes } of frames) {
    if (compressed && !isAccepted) {
      tell(
        "COMPRESSED_UNASKED",
        `a response is compressed by ${encoding ?? "what isn't said"}, which the call didn't accept`,
      );
      continue;
    }
    const plain = compressed ? unpacked(bytes, encoding) : bytes;
    if (plain === undefined) {
      tell("ANSWER_UNDECODABLE", `a response can't be unpacked by ${encoding}`);
      continue;
    }
    if (compressed && bytes.length >= plain.length) {
      tell("COMPRESSION_GROWS", `a response of ${plain.length} bytes is compressed to ${bytes.length}`);
    }
    checkMessage(plain, method, tell);
  }
}

function checkMessage(bytes: Uint8Array, { model, maxResponseBytes }: VerifyMethod, tell: Tell): void {
  const { output } = model.method;
  if (bytes.length > maxResponseBytes) {
    tell("RESPONSE_TOO_LARGE", `a response has ${bytes.length} bytes, of ${maxResponseBytes}`);
  }
  try {
    fromBinary(output, bytes);
  } catch (error) {
    tell("ANSWER_UNDECODABLE", `a response is no ${output.typeName}: ${messageOf(error)}`);
  }
}

function unpacked(bytes: Uint8Array, encoding: string | undefined): Uint8Array | undefined {
  try {
    const options = { maxOutputLength: LARGEST_UNPACKED };
    return encoding === "gzip" ? gunzipSync(bytes, options) : inflateSync(bytes, options);
  } catch {
    return undefined;
  }
}
