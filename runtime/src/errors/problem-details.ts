import { HelpSchema } from "../gen/google/rpc/error_details_pb.js";
import { statusName } from "../wire/status.js";
import { ContractError, type ErrorMetadata } from "./contract-error.js";
import { httpStatusOf } from "./http-status.js";
import { StatusError } from "./status-error.js";

/** An error as RFC 9457 writes it, with the members of a contract's error beside. Its media type is `application/problem+json`. */
export interface ProblemDetails {
  /** The error's `doc_url`, or `about:blank`. */
  readonly type: string;
  /** The same for each error of a kind: the code in words. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  /** What the error says of this occurrence. Missing where nobody has written it for callers. */
  readonly detail?: string;
  /** The request's own address, if the front has given it. */
  readonly instance?: string;
  /** The business code, `INSUFFICIENT_FUNDS`; the name of the gRPC status, where the contract declares nothing. */
  readonly code: string;
  /** What the contract has the error carry. */
  readonly metadata?: ErrorMetadata;
  /** When to send the request again, in milliseconds. The header `Retry-After` wants seconds. */
  readonly retryAfterMs?: number;
}

/**
 * Tells an error to callers of an HTTP front: as an object for `JSON.stringify`.
 *
 * An error with a business code has its message and its metadata: the contract has promised them to callers. Of any other there is
 * but the status: messages of proxies, libraries and sockets name what is inside (`connect ECONNREFUSED 10.0.0.3:50051`).
 *
 * Never throws.
 *
 * @param instance the address of what was asked for, for the member of that name
 */
export function problemDetails(error: unknown, { instance }: { readonly instance?: string } = {}): ProblemDetails {
  const known = error instanceof ContractError || error instanceof StatusError ? error : undefined;
  const fallback = known === undefined ? "INTERNAL" : statusName(known.status);
  const declared = known instanceof ContractError && known.code !== fallback ? known : undefined;
  const code = declared?.code ?? fallback;
  return {
    type: (declared === undefined ? undefined : documentation(declared)) ?? "about:blank",
    title: inWords(code),
    status: httpStatusOf(error),
    ...(declared === undefined ? undefined : { detail: declared.message }),
    ...(instance === undefined ? undefined : { instance }),
    code,
    ...(declared === undefined || Object.keys(declared.metadata).length === 0
      ? undefined
      : { metadata: { ...declared.metadata } }),
    ...(known instanceof ContractError && known.retryAfterMs !== undefined
      ? { retryAfterMs: known.retryAfterMs }
      : undefined),
  };
}

function documentation(error: ContractError): string | undefined {
  return error.detail(HelpSchema)?.links[0]?.url;
}

/** `INSUFFICIENT_FUNDS` → `Insufficient funds`. */
function inWords(code: string): string {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
