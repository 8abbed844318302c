/**
 * What generated code imports, and nothing else. A later version of the generated code gets a `v2` beside it.
 */
export { bindClient } from "../bind-client.js";
export { type BindOptions, type BoundService, bindService } from "../bind-service.js";
export type { CallContext } from "../call-context.js";
export { buildChannel, type Channel, type ChannelInit } from "../channel.js";
export type {
  BidiStreamingMethod,
  ClientStreamingMethod,
  ServerStreamingMethod,
  UnaryMethod,
} from "../client-method.js";
export type { ClientOptions } from "../client-options.js";
export * from "../codec/codegen.js";
export { ContractError, type ContractErrorOptions, type ErrorMetadata } from "../contract-error.js";
export { defineErrorMap, type ErrorMap } from "../error-map.js";
export { grpcErrorHandler } from "../grpc-error-handler.js";
export { grpcLogger } from "../grpc-logger.js";
export type { LogFields } from "../log-fields.js";
export { maskHash, maskLast4, maskLength } from "../log-mask.js";
export { createServer, type GrpcServer, type ServerOptions } from "../server.js";
export type { ServiceConfig } from "../service-config.js";
export { Status } from "../status.js";
