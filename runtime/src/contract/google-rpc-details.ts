/**
 * The messages of `google.rpc` that a contract may declare as details of an error, by their short names. Generated code gets
 * them from the runtime, whatever a request imports. ErrorInfo isn't one of them: it is always there.
 */
export const GOOGLE_RPC_DETAILS = [
  "BadRequest",
  "DebugInfo",
  "Help",
  "LocalizedMessage",
  "PreconditionFailure",
  "QuotaFailure",
  "RequestInfo",
  "ResourceInfo",
  "RetryInfo",
] as const;

/** The short name of such a message. */
export type GoogleRpcDetail = (typeof GOOGLE_RPC_DETAILS)[number];
