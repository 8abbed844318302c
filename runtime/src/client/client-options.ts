import type { CallCredentials, Interceptor } from "@grpc/grpc-js";
import type { Violations } from "../validate/violation.js";
import type { MetadataInit } from "../wire/call-metadata.js";
import type { CallInterceptor } from "./call-interceptor.js";
import type { MetadataHook } from "./metadata-hook.js";

/** What holds for all calls of a client. */
export interface ClientOptions {
  /** Sent with every call. A key that a call names itself replaces it. */
  readonly defaultMetadata?: MetadataInit;
  /** Adds to the metadata of every call, in this order, after the caller's own. */
  readonly metadataHooks?: readonly MetadataHook[];
  /** Sent with every call, such as `bearerToken(…)`. A call that names its own replaces them. */
  readonly credentials?: CallCredentials;
  /** Stand around every call, the first one outermost; grpc-js's own are further in. */
  readonly callInterceptors?: readonly CallInterceptor[];
  /**
   * grpc-js interceptors, for what {@link callInterceptors} don't see: the wire. The first one is outermost. They see messages as objects, run once per call (not per attempt),
   * and are bound by the call's deadline.
   */
  readonly interceptors?: readonly Interceptor[];
  /**
   * Checks requests before they are sent, by the rules of `buf.validate` in their protos: a generated `validateXxx` for each method by its
   * name, `{ transfer: validateTransferRequest }`. What breaks a rule isn't sent: the call throws the error that the server would answer
   * with, whose `remote` is false. Default: the server alone decides.
   */
  readonly checks?: Readonly<Record<string, (request: never) => Violations>>;
}
