import { DEFAULT_MAX_MESSAGE_BYTES } from "@accord-grpc/runtime/contract";
import type { DescMessage } from "@bufbuild/protobuf";
import type { AuthModel, MethodKind, MethodModel, PackageModel, ResumeModel } from "../../model/model.js";
import { commentOf } from "../../read/source-index.js";
import { firstSentence } from "../typescript/doc-comment.js";
import { cacheWords } from "./cache-words.js";
import { logPolicyWords } from "./log-policy-words.js";
import { errorAnchor, methodAnchor } from "./page-names.js";
import { type ResendView, resendView } from "./resend-view.js";

/** A method, as its section tells it. */
export interface MethodView {
  readonly name: string;
  readonly anchor: string;
  /** `rpc Transfer(TransferRequest) returns (TransferResponse)` */
  readonly signature: string;
  /** `/ledger.v1.LedgerService/Transfer` */
  readonly path: string;
  /** `unary`, `server streaming`, … */
  readonly kind: string;
  readonly comment: string | undefined;
  readonly deprecated: boolean;
  readonly timeoutMs: number | undefined;
  readonly maxTimeoutMs: number | undefined;
  readonly waitsForReady: boolean;
  /** How it is sent again; undefined if it isn't. */
  readonly resend: ResendView | undefined;
  /** How a stream of responses goes on where it broke; undefined if it doesn't. */
  readonly resume: ResumeView | undefined;
  /** What happens when the same call runs twice. */
  readonly repetition: string;
  /** The field that makes a repetition recognisable. */
  readonly idempotencyKey: string | undefined;
  /** Who may call. */
  readonly caller: string;
  readonly scopes: readonly string[];
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  readonly compress: boolean;
  /** What caches may keep of it: `each caller's own cache, for 30 s`. Empty: nothing. */
  readonly cache: string;
  readonly raises: readonly RaiseView[];
  /** `2 errors` */
  readonly raisesCount: string;
  /** What is logged of it, and how its log lines are called: `transfer.request`. */
  readonly logName: string;
  readonly logFields: readonly LogFieldView[];
  /** How its lines are written, as far as it isn't as elsewhere: `no payloads; …`. Empty if it is. */
  readonly logPolicy: string;
}

/** By what, when and how often a stream is resumed. */
export interface ResumeView {
  /** By the proto's names. */
  readonly from: string;
  readonly with: string;
  readonly codes: readonly string[];
  /** In a row, the first included. */
  readonly maxAttempts: number;
  /** The longest that the waits of a row can take together, in milliseconds. */
  readonly worstCaseMs: number;
}

/** An error that a method declares. */
export interface RaiseView {
  readonly code: string;
  readonly anchor: string;
  readonly status: string;
  /** The first sentence of its comment. */
  readonly when: string | undefined;
  readonly message: string;
}

/** A field that is bound to the log lines of a method. */
export interface LogFieldView {
  readonly key: string;
  readonly spanAttribute: string;
  /** `request`, `first request`, `response` */
  readonly from: string;
  /** `transfer.amount.minor_units` */
  readonly path: string;
  /** What of the value is logged. */
  readonly shown: string;
}

const KINDS: Readonly<Record<MethodKind, string>> = {
  unary: "unary",
  client_streaming: "client streaming",
  server_streaming: "server streaming",
  bidi_streaming: "bidirectional streaming",
};

const REPETITIONS: Readonly<Record<MethodModel["idempotency"], string>> = {
  no_side_effects: "It only reads, so it may run any number of times.",
  idempotent: "Running it twice has the effect of running it once.",
  unknown:
    "The contract doesn't say what running it twice does: don't send it again unless you know that the first didn't run.",
};

const CALLERS: Readonly<Record<AuthModel["requirement"], string>> = {
  none: "anybody",
  optional: "anybody; credentials are checked if there are any",
  required: "with valid credentials only",
};

const SHOWN = {
  none: "the value",
  hash: "its SHA-256, 16 digits",
  last4: "its last four characters",
  length: "its length",
} as const;

/** The section of a method. */
export function methodView(model: MethodModel, pkg: PackageModel): MethodView {
  const { method, call, auth, raises } = model;
  return {
    name: method.name,
    anchor: methodAnchor(model),
    signature: signature(model),
    path: `/${method.parent.typeName}/${method.name}`,
    kind: KINDS[model.kind],
    comment: commentOf(method),
    deprecated: method.deprecated,
    timeoutMs: call.timeoutMs,
    maxTimeoutMs: call.maxTimeoutMs,
    waitsForReady: call.waitForReady === true,
    resend: resendView(model),
    resume: resumeView(model.resume),
    repetition:
      model.idempotencyKey === undefined || model.idempotency !== "unknown"
        ? REPETITIONS[model.idempotency]
        : "The server can recognise a repetition.",
    idempotencyKey: model.idempotencyKey?.name,
    caller: CALLERS[auth.requirement],
    scopes: auth.scopes,
    maxRequestBytes: call.maxRequestBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    maxResponseBytes: call.maxResponseBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    compress: call.compress,
    cache: model.cache === undefined ? "" : cacheWords(model.cache),
    raises: raises.map((error) => ({
      code: error.code,
      anchor: errorAnchor(error, pkg),
      status: error.status,
      when: firstSentence(error.comment),
      message: error.messageTemplate,
    })),
    raisesCount: raises.length === 0 ? "nothing" : `${raises.length} ${raises.length === 1 ? "error" : "errors"}`,
    logName: method.localName,
    logFields: logFields(model, pkg.logPrefix),
    logPolicy: logPolicyWords(model.logPolicy).join("; "),
  };
}

function resumeView(resume: ResumeModel | undefined): ResumeView | undefined {
  return (
    resume && {
      from: resume.from.name,
      with: resume.with.name,
      codes: resume.retry.codes,
      maxAttempts: resume.retry.maxAttempts,
      worstCaseMs: resume.retry.worstCaseBackoffMs,
    }
  );
}

function signature({ method, kind }: MethodModel): string {
  const type = (message: DescMessage, streams: boolean) =>
    `${streams ? "stream " : ""}${relativeName(message, method.parent.file.proto.package)}`;
  const input = type(method.input, kind === "client_streaming" || kind === "bidi_streaming");
  const output = type(method.output, kind === "server_streaming" || kind === "bidi_streaming");
  return `rpc ${method.name}(${input}) returns (${output})`;
}

function relativeName(message: DescMessage, from: string): string {
  return from !== "" && message.typeName.startsWith(`${from}.`)
    ? message.typeName.slice(from.length + 1)
    : message.typeName;
}

function logFields({ kind, requestLog, responseLog }: MethodModel, logPrefix: string): readonly LogFieldView[] {
  const request = kind === "client_streaming" || kind === "bidi_streaming" ? "first request" : "request";
  return [
    ...requestLog.map((field) => ({ field, from: request })),
    ...responseLog.map((field) => ({ field, from: "response" })),
  ].map(({ field, from }) => ({
    key: field.key,
    spanAttribute: logPrefix === "" ? field.key : `${logPrefix}.${field.key}`,
    from,
    path: field.path.map(({ name }) => name).join("."),
    shown: SHOWN[field.mask],
  }));
}
