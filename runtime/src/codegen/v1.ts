/**
 * What generated code imports, and nothing else. A later version of the generated code gets a `v2` beside it.
 */

export type { CallContext, ContextKey, ContextValues } from "../call/call-context.js";
export type { ErrorPolicy, SendableErrors } from "../call/call-failure.js";
export type { LogContext } from "../call/call-log.js";
export { grpcErrorHandler } from "../call/grpc-error-handler.js";
export { type GrpcLoggerOptions, grpcLogger } from "../call/grpc-logger.js";
export type { HandlerInterceptor } from "../call/handler-interceptor.js";
export type { InterceptedCall, MessageWatcher } from "../call/interception.js";
export type { LogPolicy } from "../call/log-policy.js";
export type { AnyMethod } from "../call/method-layer.js";
export type {
  AnswerCaching,
  AuthRequirement,
  BidiStreamingHandler,
  ClientStreamingHandler,
  MethodWrapper,
  ServerStreamingHandler,
  ServicerMethodPolicy,
  UnaryHandler,
} from "../call/servicer-method.js";
export type { CertificateRefresh } from "../channel/certificate-files.js";
export { buildChannel, type Channel, type ChannelInit } from "../channel/channel.js";
export type {
  ChannelOptions,
  Keepalive,
  KeepaliveTimes,
  KnownKeys,
  ServerOptionKey,
} from "../channel/channel-options.js";
export type { Pem } from "../channel/pem-source.js";
export { type BoundClient, bindClient, type MethodInit } from "../client/bind-client.js";
export type { CallInterceptor, ClientCallContext } from "../client/call-interceptor.js";
export type {
  BidiStreamingMethod,
  CallOptions,
  CallOptionsRequiring,
  ClientMethodPolicy,
  ClientStreamingMethod,
  OptionsArgument,
  ResponseStream,
  Result,
  ResumePolicy,
  ServerStreamingMethod,
  UnaryMethod,
} from "../client/client-method.js";
export type { ClientOptions } from "../client/client-options.js";
export type { MetadataHook, OutgoingCall } from "../client/metadata-hook.js";
export type { RequestCompression } from "../client/request-compression.js";
export type { Requests } from "../client/requests.js";
export type { ResendThrottle } from "../client/resend-budget.js";
export type { CursorFields } from "../client/stream-cursor.js";
export type { Raised } from "../client/with-result.js";
export type { EncodedMessage, MessageCodec } from "../codec/message-codec.js";
export type { MethodCodecs } from "../codec/method-codecs.js";
export type { ErrorCategory } from "../contract/error-category.js";
export { type RuntimeInterface, requireRuntime } from "../contract/handshake.js";
export type { MemberName, Unfit } from "../contract/member-name.js";
export type { StatusName } from "../contract/status.js";
export { type CategoryBase, type CategoryErrors, categoryErrors } from "../errors/category-errors.js";
export {
  ContractError,
  type ContractErrorInit,
  type ContractErrorOptions,
  type ErrorMetadata,
} from "../errors/contract-error.js";
export type { DetailedError, DetailedErrorOptions } from "../errors/detailed-error.js";
export { type DeclaredDetail, withDetails } from "../errors/error-detail.js";
export {
  type CategoryErrorClass,
  type ConvertedError,
  type DeclaredErrorClass,
  defineErrorMap,
  type ErrorMap,
  type ErrorMapEntry,
  type ErrorMapInit,
  type ErrorPair,
  type MappedError,
} from "../errors/error-map.js";
export { nameClass } from "../errors/name-class.js";
export {
  type BadRequest,
  type BadRequest_FieldViolation,
  BadRequestSchema,
  type DebugInfo,
  DebugInfoSchema,
  type Help,
  type Help_Link,
  HelpSchema,
  type LocalizedMessage,
  LocalizedMessageSchema,
  type PreconditionFailure,
  type PreconditionFailure_Violation,
  PreconditionFailureSchema,
  type QuotaFailure,
  type QuotaFailure_Violation,
  QuotaFailureSchema,
  type RequestInfo,
  RequestInfoSchema,
  type ResourceInfo,
  ResourceInfoSchema,
  type RetryInfo,
  RetryInfoSchema,
} from "../gen/google/rpc/error_details_pb.js";
export { enumName } from "../log/enum-name.js";
export type { LogFields, LogValue } from "../log/log-fields.js";
export { maskHash, maskLast4, maskLength } from "../log/log-mask.js";
export type { Logger, LogLevel } from "../log/logger.js";
export type { AuthVerifier } from "../server/auth.js";
export {
  type BindOptions,
  type BoundMethod,
  type BoundService,
  bindService,
  type HealthRole,
  type ServicerHandler,
  type ServicerMethod,
  type ServicerMethods,
} from "../server/bind-service.js";
export type { HealthRegistry } from "../server/health.js";
export type { Identity } from "../server/identity.js";
export type { ListeningAddress } from "../server/listener.js";
export type { PassThrough } from "../server/pass-through.js";
export { requireServicer } from "../server/require-servicer.js";
export type { ServeOptions } from "../server/serve-process.js";
export { createServer, type GrpcServer, type ServerOptions } from "../server/server.js";
export type { ServerMetricRecorder, ServerMetricRecorderInit } from "../server/server-metrics.js";
export type { ServerTlsOptions } from "../server/server-tls.js";
export type { ServerClosed } from "../server/shutdown.js";
export type { CorsOptions, HttpOptions, JsonOptions } from "../server/web/http-options.js";
export {
  areUniqueBytes,
  bytesContain,
  bytesEndWith,
  bytesStartWith,
  isAmongBytes,
  isSameBytes,
  textOfBytes,
} from "../validate/bytes-tests.js";
export {
  areSamePaths,
  areUniqueNumbers,
  entryCount,
  hasEntries,
  hasOwnField,
  isMaskWithin,
  isMaskWithout,
  isUnique,
} from "../validate/collection-tests.js";
export { grpcResponseValidator, grpcValidator, type ResponseCheckOptions } from "../validate/grpc-validator.js";
export {
  type InterpretedResult,
  type InterpretedStep,
  type InterpretedViolation,
  interpretedViolations,
} from "../validate/interpreted.js";
export {
  isIp,
  isIpPrefix,
  isIpv4,
  isIpv4Prefix,
  isIpv4WithPrefix,
  isIpv6,
  isIpv6Prefix,
  isIpv6WithPrefix,
  isIpWithPrefix,
} from "../validate/ip-tests.js";
export {
  isAddress,
  isDottedProtobufName,
  isEmail,
  isHeaderName,
  isHeaderValue,
  isHostname,
  isLooseHeaderName,
  isLooseHeaderValue,
  isProtobufName,
  isTrimmedUuid,
  isUlid,
  isUuid,
} from "../validate/name-tests.js";
export type { BrokenRules, Check, Refusal, RefusalClass } from "../validate/refusal.js";
export { codePoints, isLarger, isLonger, isShorter, isSmaller, utf8Bytes } from "../validate/text-tests.js";
export { isNearNow, orderToNow, type TimeValue, timeOrder } from "../validate/time-tests.js";
export { isHostAndPort, isUri, isUriReference } from "../validate/uri-tests.js";
export {
  atIndex,
  atKey,
  fieldStep,
  mapStep,
  type PathStep,
  type Rule,
  type Violation,
  type Violations,
  validationRule,
  violated,
  violatedKey,
  violatedMessage,
  violatedWithin,
} from "../validate/violation.js";
export type { MetadataInit } from "../wire/call-metadata.js";
export type { LoadReport } from "../wire/load-report.js";
export type {
  DurationJson,
  HedgingPolicy,
  LoadBalancingConfig,
  MethodConfig,
  MethodName,
  OutlierDetectionConfig,
  RetryPolicy,
  RetryThrottling,
  ServiceConfig,
  WeightedRoundRobinConfig,
} from "../wire/service-config.js";
export { Status } from "../wire/status.js";
