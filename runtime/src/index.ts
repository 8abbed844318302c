/**
 * What users call: errors, call contexts, servers, channels. Generated code imports from `codegen/v1` instead.
 */
export { type AuthVerifier, type Identity, identityKey } from "./auth.js";
export { type BearerAuth, bearerAuth, type TokenVerifier } from "./bearer-auth.js";
export { type AccessToken, type BearerTokenOptions, bearerToken, type TokenProvider } from "./bearer-token.js";
export { type BindOptions, type BoundService, bindService } from "./bind-service.js";
export { type CallContext, type ContextKey, type ContextValues, createContextKey } from "./call-context.js";
export type { MetadataHook, OutgoingCall } from "./call-metadata.js";
export type { CertificateRefresh, Pem } from "./certificate-files.js";
export { buildChannel, type Channel, type ChannelInit } from "./channel.js";
export type { ChannelOptions, Keepalive, KeepaliveTimes } from "./channel-options.js";
export type {
  BidiStreamingMethod,
  CallOptions,
  ClientStreamingMethod,
  ResponseStream,
  Result,
  ServerStreamingMethod,
  UnaryMethod,
} from "./client-method.js";
export type { ClientOptions } from "./client-options.js";
export { ContractError, type ContractErrorOptions, type ErrorMetadata } from "./contract-error.js";
export { currentCall } from "./current-call.js";
export { type ErrorMap, type ErrorPair, errorPair } from "./error-map.js";
export { grpcErrorHandler } from "./grpc-error-handler.js";
export { type GrpcLoggerOptions, grpcLogger } from "./grpc-logger.js";
export type { HandlerInterceptor } from "./handler-interceptor.js";
export type { LogFields, LogValue } from "./log-fields.js";
export type { Logger, LogLevel } from "./logger.js";
export { peerCertificate } from "./peer-certificate.js";
export { requestIdKey } from "./request-id.js";
export {
  createServer,
  type ExtraServerOptions,
  type GrpcServer,
  type HealthRegistry,
  type ServerClosed,
  type ServerOptions,
} from "./server.js";
export type { ServiceConfig } from "./service-config.js";
export type { MethodWrapper } from "./servicer-method.js";
export { Status, type StatusName, statusName } from "./status.js";
export {
  type TlsChannelInit,
  type TlsServerInit,
  tlsChannelCredentials,
  tlsServerCredentials,
} from "./tls-credentials.js";
export { unimplemented } from "./unimplemented.js";
