import type {
  DescMessage,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
} from "@bufbuild/protobuf";
import type { Channel } from "../channel/channel.js";
import { channelRule } from "../channel/channel-option-rules.js";
import type { MethodCodecs } from "../codec/method-codecs.js";
import type { ContractError } from "../errors/contract-error.js";
import type { DeclaredErrorClass, ErrorMap } from "../errors/error-map.js";
import { checkOptions, refuseIf } from "../options/check-options.js";
import type {
  BidiStreamingMethod,
  ClientMethodPolicy,
  ClientStreamingMethod,
  ServerStreamingMethod,
  UnaryMethod,
} from "./client-method.js";
import { CLIENT_RULES } from "./client-option-rules.js";
import type { ClientOptions } from "./client-options.js";
import { bindMethod } from "./method-binding.js";
import { bidiStreaming, serverStreaming } from "./response-stream.js";
import { SingleResponseCall } from "./single-response-call.js";
import { type Raised, withResult } from "./with-result.js";

/** A method's policy and codecs. Its errors are inferred from the policy. */
export type MethodInit<
  Input extends DescMessage,
  Output extends DescMessage,
  Raises extends readonly DeclaredErrorClass[],
> = ClientMethodPolicy<ContractError> & MethodCodecs<Input, Output> & { readonly raises: Raises };

/** Makes the methods of a client, one function for each kind. */
export interface BoundClient {
  unary<I extends DescMessage, O extends DescMessage, const R extends readonly DeclaredErrorClass[]>(
    method: DescMethodUnary<I, O>,
    init: MethodInit<I, O, R>,
  ): UnaryMethod<I, O, Raised<R>>;
  clientStreaming<I extends DescMessage, O extends DescMessage, const R extends readonly DeclaredErrorClass[]>(
    method: DescMethodClientStreaming<I, O>,
    init: MethodInit<I, O, R>,
  ): ClientStreamingMethod<I, O, Raised<R>>;
  serverStreaming<I extends DescMessage, O extends DescMessage, const R extends readonly DeclaredErrorClass[]>(
    method: DescMethodServerStreaming<I, O>,
    init: MethodInit<I, O, R>,
  ): ServerStreamingMethod<I, O, Raised<R>>;
  bidiStreaming<I extends DescMessage, O extends DescMessage, const R extends readonly DeclaredErrorClass[]>(
    method: DescMethodBiDiStreaming<I, O>,
    init: MethodInit<I, O, R>,
  ): BidiStreamingMethod<I, O, Raised<R>>;
}

/**
 * Binds a service's methods to a channel. Generated clients call it.
 *
 * @param errors the error map of the service's package: what statuses become
 * @param channel stays the caller's: a client never closes it
 * @throws {TypeError} if the channel is none, or an option isn't what its type says
 */
export function bindClient(
  service: DescService,
  errors: ErrorMap,
  channel: Channel,
  options: ClientOptions = {},
): BoundClient {
  const cannot = `Can't make a client of ${service.typeName}`;
  refuseIf(cannot, channelRule.faults("channel", channel));
  checkOptions(cannot, options, CLIENT_RULES);
  const binding = { errors, channel, options };
  return {
    unary(method, init) {
      const bound = bindMethod(binding, method, init);
      return withResult(
        (request, callOptions = {}) => SingleResponseCall.unary(bound, request, callOptions),
        init.raises,
      );
    },
    clientStreaming(method, init) {
      const bound = bindMethod(binding, method, init);
      return withResult(
        (requests, callOptions = {}) => SingleResponseCall.clientStreaming(bound, requests, callOptions),
        init.raises,
      );
    },
    serverStreaming(method, init) {
      const bound = bindMethod(binding, method, init);
      return (request, callOptions = {}) => serverStreaming(bound, request, callOptions);
    },
    bidiStreaming(method, init) {
      const bound = bindMethod(binding, method, init);
      return (requests, callOptions = {}) => bidiStreaming(bound, requests, callOptions);
    },
  };
}
