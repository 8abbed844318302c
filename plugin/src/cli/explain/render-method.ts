import { DEFAULT_MAX_MESSAGE_BYTES } from "@accord-grpc/runtime/contract";
import { cacheWords } from "../../emit/docs/cache-words.js";
import { duration } from "../../emit/docs/duration.js";
import { logPolicyWords } from "../../emit/docs/log-policy-words.js";
import { columnLines, contentWidth, factLines, type TextPage, type TextSection } from "../text-section.js";
import { styledWidth, type TextStyle, wrapText } from "../text-style.js";
import type { ExplainedError, ExplainedLogField, ExplainedMethod } from "./explanation.js";
import { anyOf, bytes, kindWords } from "./method-words.js";
import { retryTimeline } from "./retry-timeline.js";

// Limits that hold where the contract doesn't say otherwise.

/** The sections of a page about one method. */
export function methodSections(method: ExplainedMethod, page: TextPage): TextSection[] {
  return [
    headSection(method, page),
    timeSection(method, page),
    raisesSection(method, page),
    accessSection(method, page),
    logSection(method, page),
  ];
}

function headSection(method: ExplainedMethod, page: TextPage): TextSection {
  const { style } = page;
  const comment = method.comment === null ? [] : [...commentLines(method.comment, contentWidth(page)), ""];
  const [requests, responses] = [streams(method, "request"), streams(method, "response")];
  const messages = `${requests}${style.cyan(method.request)} ${style.dim("->")} ${responses}${style.cyan(method.response)}`;
  const facts: [string, string][] = [["messages", messages]];
  if (method.deprecated) {
    facts.push(["deprecated", style.yellow("yes: new code should not call it")]);
  }
  if (method.idempotency !== "unknown") {
    const words = { no_side_effects: "it only reads", idempotent: "a second time changes nothing" };
    facts.push(["idempotent", words[method.idempotency]]);
  }
  if (method.idempotencyKey !== null) {
    facts.push([
      "request id",
      `${method.idempotencyKey}, which the client fills in where it is empty, once for all attempts`,
    ]);
  }
  facts.push(["declared in", `${method.place.path}:${method.place.line}`]);
  return { title: method.path.slice(1), note: kindWords(method.kind), lines: [...comment, ...factLines(facts, page)] };
}

function timeSection(method: ExplainedMethod, page: TextPage): TextSection {
  const { style } = page;
  const facts: [string, string][] = [["deadline", deadlineWords(method, style)]];
  facts.push(["sent again", resendWords(method, style)]);
  if (method.resend.kind !== "none") {
    facts.push(["waits", waitWords(method)]);
    const left = leftWords(method);
    if (left !== undefined) {
      facts.push(["leaves", left]);
    }
  }
  if (method.waitForReady) {
    facts.push(["connection", "a call waits for one, instead of failing while there is none"]);
  }
  const timeline = method.resend.kind === "none" ? [] : ["", ...retryTimeline(method, contentWidth(page), style)];
  return { title: "Time", lines: [...factLines(facts, page), ...timeline] };
}

function deadlineWords({ timeoutMs, maxTimeoutMs }: ExplainedMethod, style: TextStyle): string {
  const own =
    timeoutMs === null
      ? "the caller's to name: timeoutMs is required in the client"
      : `${style.bold(duration(timeoutMs))}, unless the caller names another`;
  return maxTimeoutMs === null ? own : `${own}; the server grants ${style.bold(duration(maxTimeoutMs))} at most`;
}

function resendWords({ resend, resume }: ExplainedMethod, style: TextStyle): string {
  if (resume !== null) {
    const most = style.bold(`${resume.maxAttempts} attempts`);
    return `a stream that breaks is resumed behind its last ${style.cyan(resume.from)} (as ${style.cyan(resume.with)}), after ${anyOf(resume.codes, style)}; up to ${most} in a row, with waits of ${duration(resume.worstCaseWaitMs)} at most`;
  }
  const count = resend.attempts.length;
  switch (resend.kind) {
    case "none":
      return "never: each call is one attempt";
    case "retry":
      return `up to ${style.bold(`${count} attempts`)}, the first included, after ${anyOf(resend.codes, style)}`;
    case "hedge":
      return `up to ${style.bold(`${count} copies`)}, the first included, while none has ended; ${anyOf(resend.codes, style)} doesn't end the call`;
  }
}

/** The arithmetic: `24 + 48 + 96 + 192 ms = 360 ms at most`. */
function waitWords({ resend }: ExplainedMethod): string {
  const waits = resend.attempts
    .slice(1)
    .map(({ latestMs }, index) => latestMs - (resend.attempts[index]?.latestMs ?? 0));
  const total = duration(resend.worstCaseWaitMs);
  const sum = waits.length < 2 ? total : `${waits.map((wait) => duration(wait)).join(" + ")} = ${total}`;
  return resend.kind === "hedge" ? `${sum} until the last copy is sent` : `${sum} at most, jitter of 20 % included`;
}

function leftWords({ resend, timeoutMs }: ExplainedMethod): string | undefined {
  if (resend.leftMs === null || timeoutMs === null || resend.kind === "hedge") {
    return undefined;
  }
  const each = duration(resend.leftMs / resend.attempts.length);
  return `${duration(resend.leftMs)} of ${duration(timeoutMs)} for the attempts themselves, at worst: ${each} each`;
}

function raisesSection({ raises, resend }: ExplainedMethod, page: TextPage): TextSection {
  if (raises.length === 0) {
    return {
      title: "Raises",
      lines: wrapText("nothing that is declared: what fails, fails as INTERNAL", contentWidth(page)),
    };
  }
  const lines = raises.flatMap((error, index) => [
    ...(index === 0 ? [] : [""]),
    ...errorLines(error, resend.kind, page),
  ]);
  return { title: "Raises", note: raises.length === 1 ? "1 error" : `${raises.length} errors`, lines };
}

function errorLines(error: ExplainedError, resend: "none" | "retry" | "hedge", page: TextPage): string[] {
  const { style } = page;
  const heading = `${style.red(error.code)}  ${style.yellow(error.status)}`;
  const exception = style.dim(error.exception);
  const gap = contentWidth(page) - styledWidth(heading) - styledWidth(exception);
  const first =
    gap >= 2 ? [`${heading}${" ".repeat(gap)}${exception}`] : wrapText(`${heading} ${exception}`, contentWidth(page));
  const notes = [
    ...(error.parent === null ? [] : [`a case of ${error.parent}`]),
    ...(error.metadata.length === 0 ? [] : [`carries ${error.metadata.map((key) => style.cyan(key)).join(", ")}`]),
    ...(error.details.length === 0 ? [] : [`may carry ${error.details.map((name) => style.cyan(name)).join(", ")}`]),
    ...resendNotes(error, resend),
    ...(error.docUrl === null ? [] : [error.docUrl]),
  ];
  const width = contentWidth(page) - 2;
  return [
    ...first,
    ...wrapText(`"${error.message}"`, width).map((line) => `  ${line}`),
    ...wrapText(notes.join("; "), width).flatMap((line) => (line === "" ? [] : [style.dim(`  ${line}`)])),
  ];
}

function resendNotes(error: ExplainedError, resend: "none" | "retry" | "hedge"): string[] {
  const pause = error.retryAfterMs === null ? "" : ` after ${duration(error.retryAfterMs)}`;
  if (error.neverResend) {
    return ["the server forbids sending the call again"];
  }
  if (error.resent) {
    return [resend === "hedge" ? `other copies go on${pause}` : `the client sends the call again${pause}`];
  }
  return pause === "" ? [] : [`may be tried again${pause}, by the caller`];
}

function accessSection(method: ExplainedMethod, page: TextPage): TextSection {
  const { style } = page;
  const { requirement, scopes } = method.auth;
  const who = {
    none: "anybody",
    optional: "anybody; who shows credentials is checked",
    required: "only callers who are known",
  }[requirement];
  const scopeWords = scopes.map((scope) => style.cyan(scope)).join(" and ");
  const facts: [string, string][] = [
    ["callers", scopes.length === 0 ? who : `${who}, with ${scopeWords}`],
    ["requests", sizeWords(method.maxRequestBytes, streams(method, "request"))],
    [
      "responses",
      `${sizeWords(method.maxResponseBytes, streams(method, "response"))}${method.compress ? ", compressed for who reads gzip" : ""}`,
    ],
  ];
  if (method.cache !== null) {
    facts.push(["caches", `answers to calls by GET are kept by ${cacheWords(method.cache)}`]);
  }
  return { title: "Accepts", lines: factLines(facts, page) };
}

function logSection(method: ExplainedMethod, page: TextPage): TextSection {
  const { kind, requestLog, responseLog } = method;
  const { style } = page;
  const policy = logPolicyWords(method.logPolicy);
  const written = policy.length === 0 ? [] : wrapText(policy.join("; "), contentWidth(page));
  const streamed = kind === "client_streaming" || kind === "bidi_streaming";
  const rows = [
    ...requestLog.map((field) => ({ field, of: streamed ? "first request" : "request" })),
    ...responseLog.map((field) => ({ field, of: "response" })),
  ].map(({ field, of }, index, all) => [
    style.dim(of === all[index - 1]?.of ? "" : of),
    style.cyan(field.key),
    field.key === field.path ? "" : `from ${field.path}`,
    MASKS[field.mask],
  ]);
  return rows.length === 0
    ? {
        title: "Logs",
        lines: [
          ...wrapText("method, status, code and duration, as of every call; no fields", contentWidth(page)),
          ...written,
        ],
      }
    : {
        title: "Logs",
        note: `${rows.length} of its fields`,
        lines: [...columnLines(rows, contentWidth(page)), ...written],
      };
}

const MASKS: Readonly<Record<ExplainedLogField["mask"], string>> = {
  none: "",
  hash: "as a hash",
  last4: "its last four characters",
  length: "its length",
};

function sizeWords(limit: number | null, stream: string): string {
  const each = stream === "" ? "" : " each";
  return limit === null
    ? `${bytes(DEFAULT_MAX_MESSAGE_BYTES)}${each} at most, which is the default`
    : `${bytes(limit)}${each} at most`;
}

/** The comment's own lines may be joined, but not its paragraphs, lists, and indented blocks. */
function commentLines(comment: string, width: number): string[] {
  return comment.split(/\n\s*\n/).flatMap((paragraph, index) => {
    const isText = !/^\s*(?:[-*\d]|\s{2})/m.test(paragraph);
    const lines = isText
      ? wrapText(paragraph.replace(/\s+/g, " ").trim(), width)
      : paragraph.split("\n").flatMap((line) => wrapText(line, width));
    return [...(index === 0 ? [] : [""]), ...lines];
  });
}

function streams({ kind }: ExplainedMethod, side: "request" | "response"): string {
  const streamed = kind === "bidi_streaming" || kind === (side === "request" ? "client_streaming" : "server_streaming");
  return streamed ? "stream of " : "";
}
