/**
 * What generated clients for browsers import (`artifacts=web`), and `translateConnectError` for those who call by connect's own clients.
 * Nothing of it needs Node or grpc-js.
 */

export type { Transport } from "@connectrpc/connect";
export type { Result } from "../client/client-method.js";
export type { ResendThrottle } from "../client/resend-budget.js";
export type { Raised } from "../client/with-result.js";
export type { ErrorCategory } from "../contract/error-category.js";
export type { StatusName } from "../contract/status.js";
export type {
  ContractError,
  ContractErrorInit,
  ContractErrorOptions,
  ErrorMetadata,
} from "../errors/contract-error.js";
export type { DetailedError, DetailedErrorOptions } from "../errors/detailed-error.js";
export type {
  CategoryErrorClass,
  ConvertedError,
  DeclaredErrorClass,
  ErrorMap,
  ErrorMapEntry,
  ErrorPair,
  MappedError,
} from "../errors/error-map.js";
export { Status } from "../wire/status.js";
export { type BoundClient, bindClient } from "./bind-client.js";
export { translateConnectError } from "./translate-connect-error.js";
export type {
  CallOptions,
  CallOptionsRequiring,
  OptionsArgument,
  ResponseStream,
  ServerStreamingMethod,
  UnaryMethod,
  WebMethodPolicy,
  WebRetryPolicy,
} from "./web-method.js";
