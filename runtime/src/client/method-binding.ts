import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { InterceptorOptions } from "@grpc/grpc-js";
import type { Channel } from "../channel/channel.js";
import { codecsOf, type MethodCodecs } from "../codec/method-codecs.js";
import type { ContractError } from "../errors/contract-error.js";
import type { ErrorMap } from "../errors/error-map.js";
import { refusalOf } from "../validate/refusal.js";
import type { ClientMethodPolicy } from "./client-method.js";
import type { ClientOptions } from "./client-options.js";
import { withIdempotencyKey } from "./idempotency-key.js";

/** A method as grpc-js describes it to interceptors. */
export type MethodDefinition = InterceptorOptions["method_definition"];

/** What all clients of a service's methods share. */
export interface ClientBinding {
  readonly errors: ErrorMap;
  readonly channel: Channel;
  readonly options: ClientOptions;
}

/** What a call needs to know of its method to reach the channel. */
export interface CallTarget extends ClientBinding {
  readonly method: DescMethod;
  readonly policy: ClientMethodPolicy<ContractError>;
  readonly definition: MethodDefinition;
}

/** A method on its channel: everything about its calls that is the same for each of them. */
export interface MethodBinding<Input extends DescMessage, Output extends DescMessage> extends CallTarget {
  /**
   * Makes a request of what a caller passed, with its idempotency key. It is a whole message where somebody may look at it;
   * otherwise what the caller passed can be encoded as it is.
   *
   * @throws if the value is no request; the error that refuses it, if the client checks and it breaks a rule
   */
  request(init: MessageInitShape<Input>): MessageInitShape<Input>;
  /** What interceptors of Accord's kind stand around, if the client has any: the client's own metadata is in the call's by then. */
  readonly within?: MethodBinding<Input, Output>;
  /** @internal never set: carries the type of the responses */
  readonly responds?: MessageShape<Output>;
}

/** Binds a method to its channel. */
export function bindMethod<Input extends DescMessage, Output extends DescMessage>(
  binding: ClientBinding,
  method: DescMethod & { readonly input: Input; readonly output: Output },
  policy: ClientMethodPolicy<ContractError> & MethodCodecs<Input, Output>,
): MethodBinding<Input, Output> {
  const { input } = method;
  const { request, response } = codecsOf(method, policy);
  const { idempotencyKey: key, refusal } = policy;
  const { checks = {} } = binding.options;
  const check = Object.hasOwn(checks, method.localName) ? checks[method.localName] : undefined;
  const isLookedAt =
    key !== undefined || check !== undefined || hasInterceptors(binding) || hasCallInterceptors(binding);
  const bound: MethodBinding<Input, Output> = {
    ...binding,
    method,
    policy,
    definition: {
      path: `/${method.parent.typeName}/${method.name}`,
      originalName: method.localName,
      requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
      responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
      requestSerialize: (init: MessageInitShape<Input>) => request.encode(init),
      responseDeserialize: (bytes: Buffer) => response.decode(bytes),
    },
    request(init) {
      const message = isLookedAt ? create(input, init) : init;
      const filled = key === undefined ? message : withIdempotencyKey(message as MessageShape<Input>, init, key);
      const refused = check && refusal && refusalOf(filled as never, check, refusal);
      if (refused !== undefined) {
        throw refused;
      }
      return filled;
    },
  };
  const { defaultMetadata: _, ...options } = binding.options;
  return hasCallInterceptors(binding) ? { ...bound, within: { ...bound, options } } : bound;
}

/** Whether a client's calls go through interceptors, which see its messages. */
export function hasInterceptors({ options }: ClientBinding): boolean {
  return options.interceptors !== undefined && options.interceptors.length > 0;
}

/** Whether interceptors of Accord's kind stand around a client's calls. */
export function hasCallInterceptors({ options }: ClientBinding): boolean {
  return options.callInterceptors !== undefined && options.callInterceptors.length > 0;
}
