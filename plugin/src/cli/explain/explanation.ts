import type { StatusName } from "@accord-grpc/runtime/contract";
import type { DescField, DescMethod, DescService } from "@bufbuild/protobuf";
import { attemptsOf } from "../../emit/docs/retry-schedule.js";
import type {
  CacheModel,
  ContractModel,
  ErrorModel,
  LoadBalancingName,
  LogFieldModel,
  LogPolicyModel,
  MaskName,
  MethodKind,
  MethodModel,
  PackageModel,
  ResendModel,
  ResumeModel,
  ServiceModel,
} from "../../model/model.js";
import { elementPlace } from "../../read/place.js";
import { commentOf, positionOf } from "../../read/source-index.js";

// What `accord explain --json` prints. Durations are in milliseconds. What isn't declared is null.

/** A service, explained. */
export interface ExplainedService {
  /** `ledger.v1.LedgerService` */
  readonly service: string;
  readonly package: string;
  readonly comment: string | null;
  readonly deprecated: boolean;
  readonly place: ExplainedPlace;
  readonly errorDomain: string;
  readonly channel: ExplainedChannel;
  /** Whether the server as a whole serves only while this service does. */
  readonly healthRequired: boolean;
  readonly methods: readonly ExplainedMethod[];
}

/** Where something is declared. */
export interface ExplainedPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** What holds for the channel of a service's package. */
export interface ExplainedChannel {
  readonly loadBalancing: LoadBalancingName;
  readonly outlierDetection: boolean;
  readonly throttle: { readonly maxTokens: number; readonly tokenRatio: number } | null;
  /** The service whose health clients watch. */
  readonly healthCheckService: string | null;
}

/** A method, explained. */
export interface ExplainedMethod {
  /** `Transfer` */
  readonly method: string;
  /** `ledger.v1.LedgerService.Transfer` */
  readonly fullName: string;
  /** `/ledger.v1.LedgerService/Transfer` */
  readonly path: string;
  /** What TypeScript calls it: `transfer`. */
  readonly localName: string;
  readonly kind: MethodKind;
  readonly comment: string | null;
  readonly deprecated: boolean;
  readonly place: ExplainedPlace;
  readonly request: string;
  readonly response: string;
  readonly idempotency: "unknown" | "no_side_effects" | "idempotent";
  /** The field of the request that the client fills when it is empty. */
  readonly idempotencyKey: string | null;
  readonly raises: readonly ExplainedError[];
  readonly timeoutMs: number | null;
  readonly maxTimeoutMs: number | null;
  readonly resend: ExplainedResend;
  /** How a stream of responses goes on where it broke: `null` if it doesn't. */
  readonly resume: ExplainedResume | null;
  readonly waitForReady: boolean;
  readonly maxRequestBytes: number | null;
  readonly maxResponseBytes: number | null;
  /** Whether the server compresses responses. */
  readonly compress: boolean;
  readonly requestLog: readonly ExplainedLogField[];
  readonly responseLog: readonly ExplainedLogField[];
  /** How the log lines of its calls are written. */
  readonly logPolicy: LogPolicyModel;
  readonly auth: { readonly requirement: "none" | "optional" | "required"; readonly scopes: readonly string[] };
  /** What caches may keep of answers to calls by GET: `null`, nothing. */
  readonly cache: CacheModel | null;
}

/** An error that a method raises. */
export interface ExplainedError {
  readonly code: string;
  readonly package: string;
  readonly status: StatusName;
  readonly exception: string;
  readonly message: string;
  readonly metadata: readonly string[];
  /** The full names of the messages that it may carry as further details. */
  readonly details: readonly string[];
  readonly comment: string | null;
  readonly retryAfterMs: number | null;
  /** Whether a client sends the call again by itself: the method's policy says so, and the error doesn't forbid it. */
  readonly resent: boolean;
  /** Whether the server forbids sending the call again. */
  readonly neverResend: boolean;
  readonly docUrl: string | null;
  /** The code of the error that it is a special case of. */
  readonly parent: string | null;
}

/** Whether and how a call is sent again. */
export interface ExplainedResend {
  readonly kind: "none" | "retry" | "hedge";
  /** The statuses after which it is, or those that end no hedged call. */
  readonly codes: readonly StatusName[];
  /** When each attempt starts, if all before it fail at once. */
  readonly attempts: readonly ExplainedAttempt[];
  /** The longest that the waits take together. */
  readonly worstCaseWaitMs: number;
  /** What the waits leave of the timeout, at worst, for the attempts themselves. */
  readonly leftMs: number | null;
}

/** By what, when and how often a stream is resumed. */
export interface ExplainedResume {
  /** The field of the response, and that of the request, by the proto's names. */
  readonly from: string;
  readonly with: string;
  readonly codes: readonly StatusName[];
  /** In a row, the first included. */
  readonly maxAttempts: number;
  /** The longest that the waits of a row take together. */
  readonly worstCaseWaitMs: number;
}

/** One attempt of a call, in milliseconds after the call's start. */
export interface ExplainedAttempt {
  readonly number: number;
  readonly earliestMs: number;
  readonly latestMs: number;
  /** The wait before it, as the policy has it, without jitter. */
  readonly backoffMs: number;
}

/** A field that is logged. */
export interface ExplainedLogField {
  readonly key: string;
  /** By the proto's names: `transfer.amount`. */
  readonly path: string;
  readonly mask: Exclude<MaskName, "drop">;
  /** Its key on the call's span. */
  readonly spanKey: string;
}

/**
 * Explains all services of a contract, in the model's order.
 *
 * @param localPath the path that a person would open, by the compiler's
 */
export function explainServices(model: ContractModel, localPath: (path: string) => string): ExplainedService[] {
  return model.packages.flatMap((pkg) => pkg.services.map((service) => explainService(service, pkg, localPath)));
}

function explainService(
  { service, methods, healthRequired }: ServiceModel,
  pkg: PackageModel,
  localPath: (path: string) => string,
): ExplainedService {
  const { channel } = pkg;
  return {
    service: service.typeName,
    package: pkg.name,
    comment: commentOf(service) ?? null,
    deprecated: service.deprecated,
    place: placeOf(service, localPath),
    errorDomain: pkg.errorDomain,
    channel: {
      loadBalancing: channel.loadBalancing,
      outlierDetection: channel.outlierDetection !== undefined,
      throttle: channel.throttle ?? null,
      healthCheckService: channel.healthCheckService ?? null,
    },
    healthRequired,
    methods: methods.map((method) => explainMethod(method, pkg, localPath)),
  };
}

function explainMethod(model: MethodModel, pkg: PackageModel, localPath: (path: string) => string): ExplainedMethod {
  const { method, call } = model;
  const log = (fields: readonly LogFieldModel[]) => fields.map((field) => explainLogField(field, pkg.logPrefix));
  return {
    method: method.name,
    fullName: `${method.parent.typeName}.${method.name}`,
    path: `/${method.parent.typeName}/${method.name}`,
    localName: model.names.member,
    kind: model.kind,
    comment: commentOf(method) ?? null,
    deprecated: method.deprecated,
    place: placeOf(method, localPath),
    request: method.input.typeName,
    response: method.output.typeName,
    idempotency: model.idempotency,
    idempotencyKey: model.idempotencyKey?.name ?? null,
    raises: model.raises.map((error) => explainError(error, call.resend)),
    timeoutMs: call.timeoutMs ?? null,
    maxTimeoutMs: call.maxTimeoutMs ?? null,
    resend: explainResend(call.resend, call.timeoutMs),
    resume: explainResume(model.resume),
    waitForReady: call.waitForReady ?? false,
    maxRequestBytes: call.maxRequestBytes ?? null,
    maxResponseBytes: call.maxResponseBytes ?? null,
    compress: call.compress,
    requestLog: log(model.requestLog),
    responseLog: log(model.responseLog),
    logPolicy: model.logPolicy,
    auth: model.auth,
    cache: model.cache ?? null,
  };
}

function explainError(error: ErrorModel, resend: ResendModel): ExplainedError {
  return {
    code: error.code,
    package: error.package,
    status: error.status,
    exception: error.exception,
    message: error.messageTemplate,
    metadata: error.metadata,
    details: error.details.map(({ typeName }) => typeName),
    comment: error.comment ?? null,
    retryAfterMs: error.retryAfterMs ?? null,
    resent: codesOf(resend).includes(error.status) && !error.neverResend,
    neverResend: error.neverResend,
    docUrl: error.docUrl ?? null,
    parent: error.parent?.code ?? null,
  };
}

function explainResend(resend: ResendModel, timeoutMs: number | undefined): ExplainedResend {
  const attempts = attemptsOf(resend);
  const worstCaseWaitMs = attempts.at(-1)?.latestMs ?? 0;
  return {
    kind: resend.kind,
    codes: codesOf(resend),
    attempts,
    worstCaseWaitMs,
    leftMs: timeoutMs === undefined ? null : Math.max(0, timeoutMs - worstCaseWaitMs),
  };
}

function explainResume(resume: ResumeModel | undefined): ExplainedResume | null {
  if (resume === undefined) {
    return null;
  }
  const { codes, maxAttempts, worstCaseBackoffMs } = resume.retry;
  return { from: resume.from.name, with: resume.with.name, codes, maxAttempts, worstCaseWaitMs: worstCaseBackoffMs };
}

function codesOf(resend: ResendModel): readonly StatusName[] {
  return resend.kind === "retry" ? resend.codes : resend.kind === "hedge" ? resend.nonFatalCodes : [];
}

function explainLogField({ key, path, mask }: LogFieldModel, prefix: string): ExplainedLogField {
  const spanKey = prefix === "" ? key : `${prefix}.${key}`;
  return { key, path: path.map((field: DescField) => field.name).join("."), mask, spanKey };
}

function placeOf(desc: DescService | DescMethod, localPath: (path: string) => string): ExplainedPlace {
  const file = desc.kind === "service" ? desc.file : desc.parent.file;
  return { path: localPath(file.proto.name), ...positionOf(elementPlace(desc)) };
}
