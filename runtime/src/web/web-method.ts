import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Result } from "../client/client-method.js";
import type { ResendThrottle } from "../client/resend-budget.js";
import type { StatusName } from "../contract/status.js";
import type { ContractError } from "../errors/contract-error.js";
import type { DeclaredErrorClass } from "../errors/error-map.js";

/** How one call is made from a browser. */
export interface CallOptions {
  /**
   * How long the call may take, in milliseconds, all attempts together. `Infinity` is no deadline. Zero or less is a budget that is used
   * up: the call fails with DEADLINE_EXCEEDED, and isn't made. What isn't a number is a TypeError.
   */
  readonly timeoutMs?: number;
  /** Aborting it cancels the call. */
  readonly signal?: AbortSignal;
  /** Request headers. Names that end in `-bin` have bytes in base64: connect's `encodeBinaryHeader`. */
  readonly headers?: NonNullable<ConstructorParameters<typeof Headers>[0]>;
  /** Called with the response headers. */
  readonly onHeaders?: (headers: Headers) => void;
  /** Called with the trailers. */
  readonly onTrailers?: (trailers: Headers) => void;
}

/** The options of a call whose keys in `Required` can't be left out. */
export type CallOptionsRequiring<Required extends keyof CallOptions> = CallOptions & {
  readonly [Key in Required]-?: NonNullable<CallOptions[Key]>;
};

// Options can be left out as a whole only where nothing in them is required.
export type OptionsArgument<Required extends keyof CallOptions> = [Required] extends [never]
  ? [options?: CallOptions]
  : [options: CallOptionsRequiring<Required>];

// Nothing stands on the calls' signatures, so that an editor shows at `client.transfer(…)` what stands on the client's own property.

/** A method with one request and one response. A call resolves with the response; it rejects with an error of the package's hierarchy. */
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

/** Responses as they come. `Declared` is carried for the reader: what the iteration may throw. */
export interface ResponseStream<Value, Declared extends ContractError> extends AsyncIterable<Value> {
  /** @internal never set */
  readonly declares?: Declared;
}

/** What a client in a browser knows of a method from its contract. */
export interface WebMethodPolicy<Raises extends readonly DeclaredErrorClass[]> {
  /** The classes of the errors that the method declares. */
  readonly raises: Raises;
  /** The deadline of a call that names none, in milliseconds. */
  readonly timeoutMs?: number;
  /** protobuf-es's local name of the request's field that is filled with a UUID when it is empty. */
  readonly idempotencyKey?: string;
  /** When and how often a unary call is made again. Default: never. */
  readonly retry?: WebRetryPolicy;
}

/** By what, when and how often a call is made again. Times are in milliseconds. */
export interface WebRetryPolicy {
  /** The first included. */
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffMultiplier: number;
  readonly codes: readonly StatusName[];
  readonly throttle?: ResendThrottle;
}
