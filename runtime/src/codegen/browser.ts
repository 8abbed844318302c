/**
 * What `errors.ts` imports of `codegen/v1`, which is this file where a bundler makes something for browsers: the same classes, without
 * what needs Node or grpc-js.
 */

export { requireRuntime } from "../contract/handshake.js";
export { type CategoryBase, type CategoryErrors, categoryErrors } from "../errors/category-errors.js";
export { ContractError, type ContractErrorOptions, type ErrorMetadata } from "../errors/contract-error.js";
export { withDetails } from "../errors/error-detail.js";
export { defineErrorMap, type ErrorMap } from "../errors/error-map.js";
export { nameClass } from "../errors/name-class.js";
export {
  type BadRequest,
  BadRequestSchema,
  type DebugInfo,
  DebugInfoSchema,
  type Help,
  HelpSchema,
  type LocalizedMessage,
  LocalizedMessageSchema,
  type PreconditionFailure,
  PreconditionFailureSchema,
  type QuotaFailure,
  QuotaFailureSchema,
  type RequestInfo,
  RequestInfoSchema,
  type ResourceInfo,
  ResourceInfoSchema,
  type RetryInfo,
  RetryInfoSchema,
} from "../gen/google/rpc/error_details_pb.js";
export { Status } from "../wire/status.js";
