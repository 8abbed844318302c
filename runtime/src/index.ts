/**
 * What users call: errors, call contexts, servers, channels. Generated code imports from `codegen/v1` instead.
 */

export { type CallContext, type ContextKey, type ContextValues, createContextKey } from "./call/call-context.js";
export type { ErrorPolicy, SendableErrors } from "./call/call-failure.js";
export type { LogContext } from "./call/call-log.js";
export { currentCall } from "./call/current-call.js";
export { grpcErrorHandler } from "./call/grpc-error-handler.js";
export { type GrpcLoggerOptions, grpcLogger } from "./call/grpc-logger.js";
export type { HandlerInterceptor } from "./call/handler-interceptor.js";
export type { InterceptedCall, MessageWatcher } from "./call/interception.js";
export type { LogPolicy } from "./call/log-policy.js";
export type { AnyMethod } from "./call/method-layer.js";
export { requestIdKey } from "./call/request-id.js";
export type {
  AnswerCaching,
  AuthRequirement,
  BidiStreamingHandler,
  ClientStreamingHandler,
  MethodWrapper,
  ServerStreamingHandler,
  ServicerMethodPolicy,
  UnaryHandler,
} from "./call/servicer-method.js";
export type { CertificateRefresh } from "./channel/certificate-files.js";
export { buildChannel, type Channel, type ChannelInit } from "./channel/channel.js";
export type {
  ChannelOptions,
  Keepalive,
  KeepaliveTimes,
  KnownKeys,
  ServerOptionKey,
} from "./channel/channel-options.js";
export type { ClientCertificate } from "./channel/client-certificate.js";
export type { Pem } from "./channel/pem-source.js";
export {
  type TlsChannelInit,
  type TlsServerInit,
  tlsChannelCredentials,
  tlsServerCredentials,
} from "./channel/tls-credentials.js";
export { type AccessToken, type BearerTokenOptions, bearerToken, type TokenProvider } from "./client/bearer-token.js";
export type { CallInterceptor, ClientCallContext } from "./client/call-interceptor.js";
export type {
  BidiStreamingMethod,
  CallOptions,
  CallOptionsRequiring,
  ClientStreamingMethod,
  OptionsArgument,
  ResponseStream,
  Result,
  ServerStreamingMethod,
  UnaryMethod,
} from "./client/client-method.js";
export type { ClientOptions } from "./client/client-options.js";
export type { MetadataHook, OutgoingCall } from "./client/metadata-hook.js";
export type { RequestCompression } from "./client/request-compression.js";
export type { Requests } from "./client/requests.js";
export { LoadReportError, type WatchLoadOptions, watchLoad } from "./client/watch-load.js";
export type { EncodedMessage, MessageCodec } from "./codec/message-codec.js";
export type { MethodCodecs } from "./codec/method-codecs.js";
export type { ErrorCategory } from "./contract/error-category.js";
export type { MemberName, Unfit } from "./contract/member-name.js";
export {
  ContractError,
  type ContractErrorInit,
  type ContractErrorOptions,
  type ErrorMetadata,
} from "./errors/contract-error.js";
export type { DetailedError, DetailedErrorOptions } from "./errors/detailed-error.js";
export {
  type CategoryErrorClass,
  type ConvertedError,
  type DeclaredErrorClass,
  type ErrorMap,
  type ErrorMapEntry,
  type ErrorPair,
  errorPair,
  type MappedError,
} from "./errors/error-map.js";
export { httpStatusOf } from "./errors/http-status.js";
export { type ProblemDetails, problemDetails } from "./errors/problem-details.js";
export { StatusError } from "./errors/status-error.js";
export { type InProcessOptions, inProcessChannel } from "./in-process/in-process-channel.js";
export type { LogFields, LogValue } from "./log/log-fields.js";
export type { Logger, LogLevel } from "./log/logger.js";
export type { AuthVerifier } from "./server/auth.js";
export { type BearerAuth, bearerAuth, type TokenVerifier } from "./server/bearer-auth.js";
export {
  type BindOptions,
  type BoundMethod,
  type BoundService,
  bindService,
  type HealthRole,
  type ServicerHandler,
  type ServicerMethod,
  type ServicerMethods,
} from "./server/bind-service.js";
export { type AddToOptions, addTo } from "./server/grpc-js/add-to.js";
export { type BindDefinitionOptions, bindServiceDefinition } from "./server/grpc-js/bind-service-definition.js";
export { caller, type Identity, identityKey } from "./server/identity.js";
export type { ListeningAddress } from "./server/listener.js";
export type { PassThrough } from "./server/pass-through.js";
export { peerCertificate } from "./server/peer-certificate.js";
export type { MethodOptions } from "./server/served-methods.js";
export {
  createServer,
  type GrpcServer,
  type HealthRegistry,
  type ServeOptions,
  type ServerClosed,
  type ServerOptions,
} from "./server/server.js";
export { ServerMetricRecorder, type ServerMetricRecorderInit } from "./server/server-metrics.js";
export type { ServerTlsOptions } from "./server/server-tls.js";
export { unimplemented } from "./server/unimplemented.js";
export type { CorsOptions, HttpOptions, JsonOptions } from "./server/web/http-options.js";
export type { PathStep, Rule, Violation, Violations } from "./validate/violation.js";
export type { MetadataInit } from "./wire/call-metadata.js";
export { type LoadReport, loadReportOf } from "./wire/load-report.js";
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
} from "./wire/service-config.js";
export { Status, type StatusName, statusName } from "./wire/status.js";
