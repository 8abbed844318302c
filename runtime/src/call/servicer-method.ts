import type { CallContext } from "./call-context.js";

// A servicer's method in each of the four kinds. `Output` is what a handler may return: protobuf-es's init shape.

export type UnaryHandler<Input, Output> = (request: Input, context: CallContext) => Promise<Output> | Output;
export type ClientStreamingHandler<Input, Output> = (
  requests: AsyncIterable<Input>,
  context: CallContext,
) => Promise<Output> | Output;
export type ServerStreamingHandler<Input, Output> = (request: Input, context: CallContext) => AsyncIterable<Output>;
export type BidiStreamingHandler<Input, Output> = (
  requests: AsyncIterable<Input>,
  context: CallContext,
) => AsyncIterable<Output>;

/**
 * Wraps a servicer's method without changing its type.
 *
 * It serves in both ways: `grpcLogger(…)(method)`, and as a standard (TC39) method decorator, `@grpcLogger(…)`.
 */
export type MethodWrapper = <Method extends (...args: never[]) => unknown>(
  method: Method,
  decorated?: ClassMethodDecoratorContext,
) => Method;

/** Whether a caller must be known, and what it must be allowed. */
export interface AuthRequirement {
  readonly requirement: "optional" | "required";
  readonly scopes?: readonly string[];
}

/** What caches are told of a method's answers to calls by GET, as Connect has them: `Cache-Control`. */
export interface AnswerCaching {
  /** How long an answer may be kept: a whole number of seconds. */
  readonly maxAgeSeconds: number;
  /** Whether caches may keep it that callers share. Default: only the caller's own. */
  readonly shared?: boolean;
}

/** What the server enforces for a method, as its contract says. */
export interface ServicerMethodPolicy {
  /** Cuts the deadline that a caller asks for, in milliseconds. */
  readonly maxTimeoutMs?: number;
  readonly maxRequestBytes?: number;
  readonly maxResponseBytes?: number;
  /** Whether responses are compressed for callers that read gzip. */
  readonly compress?: boolean;
  readonly auth?: AuthRequirement;
  readonly cache?: AnswerCaching;
}
