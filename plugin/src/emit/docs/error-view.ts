import { CATEGORY_OF_STATUS } from "@accord-grpc/runtime/contract";
import { byNumber } from "../../model/build-errors.js";
import type { ErrorModel, MethodModel, PackageModel, ServiceModel } from "../../model/model.js";
import { duration } from "./duration.js";
import { ADVICE, AUTH_OUTCOMES, OUTCOMES } from "./error-advice.js";
import { errorAnchor, type Link, methodAnchor } from "./page-names.js";

/** A declared error, as the catalogue of a page tells it. */
export interface ErrorView {
  readonly code: string;
  readonly anchor: string;
  readonly status: string;
  /** The class that a generated client throws. */
  readonly exception: string;
  /** With its `{key}`s. */
  readonly message: string;
  readonly metadata: readonly string[];
  /** The full names of the messages that it may carry besides. */
  readonly details: readonly string[];
  readonly comment: string | undefined;
  readonly deprecated: boolean;
  /** Whether the same call is sent again, and by whom. */
  readonly retry: string;
  readonly advice: string;
  readonly docUrl: string | undefined;
  /** The error that this one is a special case of. */
  readonly parent: string | undefined;
  /** The package whose catalogue declares it, where it isn't the service's own. */
  readonly foreignPackage: string | undefined;
  readonly raisedBy: readonly Link[];
}

/** How a call can end that its method doesn't declare. */
export interface OutcomeView {
  readonly status: string;
  readonly when: string;
  /** The class that a generated client throws. */
  readonly exception: string;
  readonly advice: string;
}

/** What the methods of a service raise, in the order of the model, each error once. */
export function errorViews(service: ServiceModel, pkg: PackageModel): readonly ErrorView[] {
  const raisedBy = new Map<ErrorModel, MethodModel[]>();
  for (const method of service.methods) {
    for (const error of method.raises) {
      raisedBy.set(error, [...(raisedBy.get(error) ?? []), method]);
    }
  }
  return [...raisedBy]
    .sort(([a], [b]) => compare(a.package, b.package) || byNumber(a, b))
    .map(([error, methods]) => ({
      code: error.code,
      anchor: errorAnchor(error, pkg),
      status: error.status,
      exception: error.exception,
      message: error.messageTemplate,
      metadata: error.metadata,
      details: error.details.map(({ typeName }) => typeName),
      comment: error.comment,
      deprecated: error.value?.deprecated ?? false,
      retry: retryText(error, methods),
      advice: adviceText(error),
      docUrl: webAddress(error.docUrl),
      parent: error.parent?.code,
      foreignPackage: error.package === pkg.name ? undefined : error.package,
      raisedBy: methods.map((method) => ({ text: method.method.name, anchor: methodAnchor(method) })),
    }));
}

/** What the methods of a service can end with besides. */
export function outcomeViews(service: ServiceModel, pkg: PackageModel): readonly OutcomeView[] {
  const asks = service.methods.some(({ auth }) => auth.requirement !== "none");
  return [...OUTCOMES, ...(asks ? AUTH_OUTCOMES : [])].map(({ status, when }) => ({
    status,
    when,
    exception: `${pkg.names.errorPrefix}${CATEGORY_OF_STATUS[status]}Error`,
    advice: ADVICE[status],
  }));
}

function retryText(error: ErrorModel, methods: readonly MethodModel[]): string {
  if (error.neverResend) {
    return "no: the server forbids it";
  }
  const after = error.retryAfterMs === undefined ? "" : `, after ${duration(error.retryAfterMs)}`;
  const retrying = methods.filter(
    ({ call: { resend } }) => resend.kind === "retry" && resend.codes.includes(error.status),
  );
  if (retrying.length === 0) {
    return after === "" ? "no" : `by the caller${after}`;
  }
  const which = retrying.length === methods.length ? "" : ` (${retrying.map(({ method }) => method.name).join(", ")})`;
  return `by the client itself${after}${which}`;
}

function adviceText(error: ErrorModel): string {
  if (error.status === "ABORTED" && error.neverResend) {
    return "Read again, decide anew, and send a new call.";
  }
  if (error.status === "ALREADY_EXISTS" && error.neverResend) {
    return "It is there already: read it. Sending the same call again can't help.";
  }
  return error.retryAfterMs === undefined
    ? ADVICE[error.status]
    : `Wait ${duration(error.retryAfterMs)}, then send the call again.`;
}

/** An address that a page may link to, with what ends a link encoded. Catalogues that are only imported aren't checked. */
function webAddress(url: string | undefined): string | undefined {
  return url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url)
    ? new URL(url).href.replace(/[<>\\]/g, encodeURIComponent)
    : undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
