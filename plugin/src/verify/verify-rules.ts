/** How much is wrong: an error breaks callers, a warning costs them. */
export type VerifySeverity = "error" | "warning";

/** Something that a running server must keep to. */
export interface VerifyRule {
  readonly severity: VerifySeverity;
  /** What it asks, as a sentence. */
  readonly asks: string;
  /** How a server is mended that breaks it. */
  readonly mend: string;
}

const rule = (severity: VerifySeverity, asks: string, mend: string): VerifyRule => ({ severity, asks, mend });

/** All rules of `accord verify`, by id. */
export const VERIFY_RULES = {
  METHOD_MISSING: rule(
    "error",
    "Each method of the contract is served.",
    "Register the service, and implement the method; is it an older version that runs there?",
  ),
  UNKNOWN_METHOD_ANSWERED: rule(
    "error",
    "A method that nobody has declared is UNIMPLEMENTED.",
    "Leave unknown methods to the gRPC library.",
  ),
  HEALTH_MISSING: rule(
    "error",
    "grpc.health.v1.Health knows each service by its full name.",
    "Serve the health service, and set a status for each service's full name.",
  ),
  HEALTH_NOT_SERVING: rule(
    "error",
    "A service that takes calls is SERVING.",
    "Set the service's health to SERVING when it is ready; clients that watch it send nothing before.",
  ),
  REQUEST_LIMIT_IGNORED: rule(
    "error",
    "A request larger than the method's max_request_bytes is RESOURCE_EXHAUSTED.",
    "Set the server's (or the method's) limit for received messages to the contract's.",
  ),
  REQUEST_LIMIT_TOO_LOW: rule(
    "error",
    "A request as large as the method's max_request_bytes is taken.",
    "Raise the server's limit for received messages to the contract's.",
  ),
  RESPONSE_TOO_LARGE: rule(
    "error",
    "No response is larger than the method's max_response_bytes.",
    "Page or stream the response, or raise max_response_bytes.",
  ),
  DEADLINE_IGNORED: rule(
    "error",
    "A call is over when its deadline (grpc-timeout) is.",
    "Stop work at the deadline, and answer DEADLINE_EXCEEDED: watch the call's context.",
  ),
  MAX_TIMEOUT_IGNORED: rule(
    "error",
    "No call lasts longer than the method's max_timeout, whatever deadline it has.",
    "Cut the deadline of incoming calls to max_timeout.",
  ),
  ANSWER_UNDECODABLE: rule(
    "error",
    "Each response is a message of the method's response type.",
    "Encode the response by the contract's proto, in a frame of gRPC's.",
  ),
  ANSWER_COUNT: rule(
    "error",
    "A call that ends with OK has one response, unless responses are a stream.",
    "Send exactly one message before OK.",
  ),
  ANSWER_UNEXPECTED: rule(
    "error",
    "A call ends as its example says.",
    "Mend the method, or the example, whichever is wrong.",
  ),
  INVALID_REQUEST_TAKEN: rule(
    "error",
    "A request that breaks the rules of its proto is refused with the declared error.",
    "Check requests by buf.validate before the method runs.",
  ),
  AUTH_NOT_ASKED: rule(
    "error",
    "A method that requires to know its caller refuses one without credentials.",
    "Verify credentials before the method runs, and answer UNAUTHENTICATED without them.",
  ),
  STATUS_UNDECLARED: rule(
    "error",
    "A call that fails does so by an error that its method declares.",
    "Map the failure to a declared error, or declare it in the method's raises.",
  ),
  RETRIABLE_EXECUTED: rule(
    "error",
    "A status that clients send calls again for comes by a declared error, or from before the call was executed.",
    "Answer with a declared error: clients repeat calls for this status, and each of them was executed.",
  ),
  ERROR_INFO_MISSING: rule(
    "error",
    "A declared error has a google.rpc.ErrorInfo in grpc-status-details-bin.",
    "Attach a google.rpc.Status with ErrorInfo to the error.",
  ),
  ERROR_CODE_UNDECLARED: rule(
    "error",
    "ErrorInfo.reason is the code of an error that the method declares.",
    "Use a declared code, or add it to the method's raises.",
  ),
  ERROR_STATUS_DIFFERS: rule(
    "error",
    "A declared error has its declared status.",
    "Answer with the status that the catalogue gives the error.",
  ),
  ERROR_DOMAIN_DIFFERS: rule(
    "error",
    "ErrorInfo.domain is the contract's error_domain.",
    "Set ErrorInfo.domain to the package's error_domain.",
  ),
  ERROR_METADATA_DIFFERS: rule(
    "error",
    "ErrorInfo.metadata has the declared keys, and no others.",
    "Fill in each declared key, and declare what else is sent.",
  ),
  ERROR_DETAIL_MISSING: rule(
    "error",
    "A declared error carries the contract's error_detail message too.",
    "Pack the package's error_detail message beside ErrorInfo.",
  ),
  ERROR_PUSHBACK_DIFFERS: rule(
    "error",
    "RetryInfo and grpc-retry-pushback-ms are as the error's retry_after and resend say.",
    "Send google.rpc.RetryInfo and the trailer with the declared delay, -1 for RESEND_NEVER, and neither where nothing is declared.",
  ),
  STATUS_DETAILS_WRONG: rule(
    "error",
    "grpc-status-details-bin is a google.rpc.Status that says what grpc-status says.",
    "Encode the details from the same status that the call ends with.",
  ),
  INTERNALS_LEAKED: rule(
    "error",
    "No stack, path, query or class name leaves the server in a status.",
    "Log the cause, and answer with a text of your own.",
  ),
  CONTENT_TYPE_WRONG: rule(
    "error",
    "An answer's content-type is application/grpc.",
    "Answer with content-type application/grpc or application/grpc+proto; is there a proxy between?",
  ),
  HTTP_STATUS_WRONG: rule(
    "error",
    "An answer's :status is 200.",
    "Put the failure into grpc-status; is there a proxy between?",
  ),
  GRPC_STATUS_MISSING: rule(
    "error",
    "An answer ends with grpc-status, a number from 0 to 16.",
    "End each call with trailers that have a grpc-status.",
  ),
  GRPC_MESSAGE_WITH_OK: rule(
    "warning",
    "A call that ends with OK has no grpc-message.",
    "Leave grpc-message out where nothing is wrong.",
  ),
  GRPC_MESSAGE_ENCODING: rule(
    "error",
    "grpc-message is percent-encoded UTF-8.",
    "Percent-encode all that isn't printable ASCII, and the percent sign.",
  ),
  STREAM_RESET: rule(
    "error",
    "An answer ends with a status, not with a reset or a lost connection.",
    "Find out what ended the stream: a crash, a proxy, a limit.",
  ),
  COMPRESSED_UNASKED: rule(
    "error",
    "Responses are compressed only by what the caller accepts (grpc-accept-encoding).",
    "Look at grpc-accept-encoding before compressing.",
  ),
  COMPRESSION_GROWS: rule(
    "warning",
    "A compressed response is smaller than it would be otherwise.",
    "Compress only what shrinks.",
  ),
  TRAILERS_TOO_LARGE: rule(
    "error",
    "Headers and trailers of an answer take no more than 3.5 KiB together.",
    "Send less in metadata, messages and details: proxies have 4 KiB for it, and some clients fail above.",
  ),
  DRAIN_CALL_LOST: rule(
    "error",
    "A call that runs when the server is told to stop is finished.",
    "Wait for running calls after SIGTERM.",
  ),
  DRAIN_NO_GOAWAY: rule(
    "error",
    "A server that is told to stop says so on its connections (GOAWAY).",
    "Shut the server down gracefully on SIGTERM.",
  ),
  DRAIN_CALLS_TAKEN: rule(
    "error",
    "A server that is told to stop takes no calls on new connections.",
    "Close the listening socket when the drain begins.",
  ),
  DRAIN_TOO_LONG: rule(
    "error",
    "A server's process ends within the contract's drain.",
    "End what still runs when the drain is over.",
  ),
} as const satisfies Record<string, VerifyRule>;

/** The id of a rule of `accord verify`. */
export type VerifyRuleId = keyof typeof VERIFY_RULES;
