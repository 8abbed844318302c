import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { CallCredentials, Metadata } from "@grpc/grpc-js";
import type { ContractError } from "../errors/contract-error.js";
import type { DeclaredErrorClass } from "../errors/error-map.js";
import type { Refusal } from "../validate/refusal.js";
import type { MetadataInit } from "../wire/call-metadata.js";
import type { RequestCompression } from "./request-compression.js";
import type { Requests } from "./requests.js";
import type { ResendThrottle } from "./resend-budget.js";
import type { CursorFields } from "./stream-cursor.js";

/** How one call is made. */
export interface CallOptions {
  /**
   * How long the call may take, in milliseconds. Inside a handler, what remains of the incoming call is the limit.
   * `Infinity` is no deadline. Zero or less is a budget that is used up: the call fails with DEADLINE_EXCEEDED, and isn't
   * made. What isn't a number is a TypeError.
   */
  readonly timeoutMs?: number;
  /** Aborting it cancels the call. */
  readonly signal?: AbortSignal;
  /** Keys that end in `-bin` have bytes. What HTTP/2 forbids (`connection`, …) is left out. */
  readonly metadata?: MetadataInit;
  /** Waits for a connection instead of failing at once. Default: the contract's. */
  readonly waitForReady?: boolean;
  readonly credentials?: CallCredentials;
  /**
   * Which requests are compressed, on a channel that compresses them (`grpc.default_compression_algorithm`): none, or those of
   * which a function says so. Default: all. What the function throws cancels the call, and is what the caller gets.
   */
  readonly compress?: RequestCompression;
  /** Called with the response headers. */
  readonly onHeaders?: (headers: Metadata) => void;
  /** Called with the trailers, whatever the status; not if the call ended on this side. */
  readonly onTrailers?: (trailers: Metadata) => void;
}

/** The options of a call whose keys in `Required` can't be left out. */
export type CallOptionsRequiring<Required extends keyof CallOptions> = CallOptions & {
  readonly [Key in Required]-?: NonNullable<CallOptions[Key]>;
};

// Options can be left out as a whole only where nothing in them is required.
export type OptionsArgument<Required extends keyof CallOptions> = [Required] extends [never]
  ? [options?: CallOptions]
  : [options: CallOptionsRequiring<Required>];

/** What a call came to: its response, or an error that its method declares. */
export type Result<Value, Declared extends ContractError> =
  | { readonly ok: true; readonly value: Value; readonly error?: undefined }
  | { readonly ok: false; readonly error: Declared; readonly value?: undefined };

// An editor shows at a call what stands on the call's signature, and what stands on the client's own property only where there is
// nothing: so there is nothing, and `client.transfer(…)` shows the text, the deadline, the retries and the errors of `transfer`.

/**
 * A method with one request and one response. A call resolves with the response; it rejects with an error of the package's hierarchy,
 * whatever went wrong. Only what the caller's own code throws (a callback of the options, an interceptor) is handed on as it is.
 */
export interface UnaryMethod<
  Input extends DescMessage,
  Output extends DescMessage,
  Declared extends ContractError,
  Required extends keyof CallOptions = never,
> {
  (request: MessageInitShape<Input>, ...options: OptionsArgument<Required>): Promise<MessageShape<Output>>;
  /**
   * Resolves with the response or with an error that the method declares, so that a `switch (result.error.code)` is
   * exhaustive. Rejects with everything else: the network, the deadline, what the contract doesn't know.
   */
  result(
    request: MessageInitShape<Input>,
    ...options: OptionsArgument<Required>
  ): Promise<Result<MessageShape<Output>, Declared>>;
}

/**
 * A method with a stream of requests and one response. A call sends what the iterable yields, as fast as the server reads: an async
 * generator's requests, or an array's. What the iterable throws cancels the call, and is what the caller gets. When the call ends
 * early, the iterator is told to return. What can't be iterated is a TypeError.
 */
export interface ClientStreamingMethod<
  Input extends DescMessage,
  Output extends DescMessage,
  Declared extends ContractError,
  Required extends keyof CallOptions = never,
> {
  (requests: Requests<MessageInitShape<Input>>, ...options: OptionsArgument<Required>): Promise<MessageShape<Output>>;
  /** As {@link UnaryMethod.result}. */
  result(
    requests: Requests<MessageInitShape<Input>>,
    ...options: OptionsArgument<Required>
  ): Promise<Result<MessageShape<Output>, Declared>>;
}

/**
 * A method with one request and a stream of responses. The call starts when the iteration does. Leaving the loop cancels it. Errors are
 * thrown from the iteration.
 */
export interface ServerStreamingMethod<
  Input extends DescMessage,
  Output extends DescMessage,
  Declared extends ContractError,
  Required extends keyof CallOptions = never,
> {
  // biome-ignore lint/style/useShorthandFunctionType: errors name the interface
  (
    request: MessageInitShape<Input>,
    ...options: OptionsArgument<Required>
  ): ResponseStream<MessageShape<Output>, Declared>;
}

/**
 * A method with a stream of requests and a stream of responses. The call starts when the iteration does. Leaving the loop cancels it.
 * Errors are thrown from the iteration; the requests are sent as those of a {@link ClientStreamingMethod}.
 */
export interface BidiStreamingMethod<
  Input extends DescMessage,
  Output extends DescMessage,
  Declared extends ContractError,
  Required extends keyof CallOptions = never,
> {
  // biome-ignore lint/style/useShorthandFunctionType: errors name the interface
  (
    requests: Requests<MessageInitShape<Input>>,
    ...options: OptionsArgument<Required>
  ): ResponseStream<MessageShape<Output>, Declared>;
}

/**
 * Responses as they come. They can be iterated once. A few are read ahead. When the server ends the call with an error, all that
 * it sent before come first; when this side does, or the connection is lost, only those that were read ahead. Where the
 * contract has `resume`, a stream that was lost goes on by another call. `Declared` is carried for the reader: what the
 * iteration may throw.
 */
export interface ResponseStream<Value, Declared extends ContractError> extends AsyncIterable<Value> {
  /** How many responses the reader has had so far. An error that ends the stream says it too: `error.received`. */
  readonly received: number;
  /** @internal never set */
  readonly declares?: Declared;
}

/** What the client knows of a method from its contract. */
export interface ClientMethodPolicy<Declared extends ContractError> {
  /** The classes of the errors that the method declares. */
  readonly raises: readonly DeclaredErrorClass<Declared>[];
  /** The deadline of a call that names none, in milliseconds. */
  readonly timeoutMs?: number;
  readonly waitForReady?: boolean;
  readonly maxRequestBytes?: number;
  readonly maxResponseBytes?: number;
  /** protobuf-es's local name of the request's field that is filled with a UUID when it is empty. */
  readonly idempotencyKey?: string;
  /** How a request is refused that breaks the rules of its proto, where the client checks before it sends. */
  readonly refusal?: Refusal;
  /** How a stream of responses goes on where it broke. Default: it doesn't. */
  readonly resume?: ResumePolicy;
}

/** By what, when and how often a stream is resumed. Times are in milliseconds. */
export interface ResumePolicy extends CursorFields {
  readonly retry: {
    /** In a row, the first included. A response that comes begins a new row. */
    readonly maxAttempts: number;
    readonly initialBackoffMs: number;
    readonly maxBackoffMs: number;
    readonly backoffMultiplier: number;
    readonly codes: readonly string[];
  };
  readonly throttle?: ResendThrottle;
}
