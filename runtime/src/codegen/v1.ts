/**
 * What generated code imports, and nothing else. A later version of the generated code gets a `v2` beside it.
 */

export type { CallContext } from "../call/call-context.js";
export { grpcErrorHandler } from "../call/grpc-error-handler.js";
export { grpcLogger } from "../call/grpc-logger.js";
export { buildChannel, type Channel, type ChannelInit } from "../channel/channel.js";
export { bindClient } from "../client/bind-client.js";
export type {
  BidiStreamingMethod,
  ClientStreamingMethod,
  ServerStreamingMethod,
  UnaryMethod,
} from "../client/client-method.js";
export type { ClientOptions } from "../client/client-options.js";
export { requireRuntime } from "../contract/handshake.js";
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
export { enumName } from "../log/enum-name.js";
export type { LogFields } from "../log/log-fields.js";
export { maskHash, maskLast4, maskLength } from "../log/log-mask.js";
export { type BindOptions, type BoundService, bindService } from "../server/bind-service.js";
export { requireServicer } from "../server/require-servicer.js";
export { createServer, type GrpcServer, type ServerOptions } from "../server/server.js";
export { grpcValidator } from "../validate/grpc-validator.js";
export { interpretedViolations } from "../validate/interpreted.js";
export {
  codePoints,
  entryCount,
  hasEntries,
  isEmail,
  isHostname,
  isProtobufName,
  isTrimmedUuid,
  isUlid,
  isUnique,
  isUuid,
  utf8Bytes,
} from "../validate/value-tests.js";
export {
  atIndex,
  atKey,
  fieldStep,
  mapStep,
  type Violations,
  validationRule,
  violated,
  violatedKey,
  violatedWithin,
} from "../validate/violation.js";
export type { ServiceConfig } from "../wire/service-config.js";
export { Status } from "../wire/status.js";
