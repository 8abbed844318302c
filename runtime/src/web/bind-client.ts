import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { withKey } from "../client/filled-key.js";
import { type Raised, withResult } from "../client/with-result.js";
import type { DeclaredErrorClass, ErrorMap } from "../errors/error-map.js";
import { CallClock } from "./call-clock.js";
import { translateConnectError } from "./translate-connect-error.js";
import { uuid } from "./uuid.js";
import type { CallOptions, ResponseStream, ServerStreamingMethod, UnaryMethod, WebMethodPolicy } from "./web-method.js";
import { WebRetry, waited } from "./web-retry.js";

/** Makes the methods of a client. A browser can send one request: methods that take a stream of them have no place here. */
export interface BoundClient {
  unary<I extends DescMessage, O extends DescMessage, const R extends readonly DeclaredErrorClass[]>(
    method: DescMethodUnary<I, O>,
    policy: WebMethodPolicy<R>,
  ): UnaryMethod<I, O, Raised<R>>;
  serverStreaming<I extends DescMessage, O extends DescMessage, const R extends readonly DeclaredErrorClass[]>(
    method: DescMethodServerStreaming<I, O>,
    policy: WebMethodPolicy<R>,
  ): ServerStreamingMethod<I, O, Raised<R>>;
}

/**
 * Binds a service's methods to a transport of connect's: `createConnectTransport` of `@connectrpc/connect-web`, a router transport in a
 * test. Generated clients call it.
 *
 * @param errors the error map of the service's package: what statuses become
 * @throws {TypeError} if the transport is none
 */
export function bindClient(service: DescService, errors: ErrorMap, transport: Transport): BoundClient {
  if (typeof (transport as Partial<Transport> | undefined)?.unary !== "function") {
    throw new TypeError(
      `Can't make a client of ${service.typeName}: it needs a transport, as createConnectTransport() of @connectrpc/connect-web makes one`,
    );
  }
  return {
    unary(method, policy) {
      return withResult(
        (request: MessageInitShape<typeof method.input>, options: CallOptions = {}) =>
          unaryCall(method, policy, errors, transport, request, options),
        policy.raises,
      );
    },
    serverStreaming(method, policy) {
      return (request, options = {}) => responses(method, policy, errors, transport, request, options);
    },
  };
}

async function unaryCall<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  policy: WebMethodPolicy<readonly DeclaredErrorClass[]>,
  errors: ErrorMap,
  transport: Transport,
  given: MessageInitShape<I>,
  options: CallOptions,
): Promise<MessageShape<O>> {
  const clock = new CallClock(options.timeoutMs ?? policy.timeoutMs);
  const request = requestOf(method.input, given, policy.idempotencyKey);
  const retry = new WebRetry(policy.retry, errors, transport);
  const { signal, headers, onHeaders, onTrailers } = options;
  for (;;) {
    try {
      refuseOver(clock, signal);
      const answer = await transport.unary(method, signal, clock.remainingMs, headers, request);
      retry.succeeded();
      onHeaders?.(answer.header);
      onTrailers?.(answer.trailer);
      return answer.message;
    } catch (thrown) {
      const error = translateConnectError(thrown, errors, unaryCall);
      const waitMs = retry.waitMs(error, clock);
      if (waitMs === undefined || signal?.aborted) {
        throw error;
      }
      await waited(waitMs, signal);
    }
  }
}

async function* responses<I extends DescMessage, O extends DescMessage>(
  method: DescMethodServerStreaming<I, O>,
  policy: WebMethodPolicy<readonly DeclaredErrorClass[]>,
  errors: ErrorMap,
  transport: Transport,
  given: MessageInitShape<I>,
  options: CallOptions,
): AsyncGenerator<MessageShape<O>> & ResponseStream<MessageShape<O>, never> {
  const clock = new CallClock(options.timeoutMs ?? policy.timeoutMs);
  const request = requestOf(method.input, given, policy.idempotencyKey);
  // Leaving the loop cancels the call.
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([left.signal, options.signal]);
  try {
    refuseOver(clock, signal);
    const answer = await transport.stream(method, signal, clock.remainingMs, options.headers, once(request));
    options.onHeaders?.(answer.header);
    yield* answer.message;
    options.onTrailers?.(answer.trailer);
  } catch (thrown) {
    throw translateConnectError(thrown, errors, responses);
  } finally {
    left.abort();
  }
}

function requestOf<I extends DescMessage>(
  input: I,
  given: MessageInitShape<I>,
  idempotencyKey: string | undefined,
): MessageShape<I> {
  const request = create(input, given);
  return idempotencyKey === undefined ? request : withKey(request, given, idempotencyKey, uuid);
}

/** Makes no attempt that nobody waits for. */
function refuseOver(clock: CallClock, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new ConnectError("The caller cancelled the call", Code.Canceled, undefined, undefined, signal.reason);
  }
  if (clock.isOver) {
    throw new ConnectError("Deadline exceeded", Code.DeadlineExceeded);
  }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
