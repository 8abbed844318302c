import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { InterceptorOptions } from "@grpc/grpc-js";
import type { Channel } from "./channel.js";
import type { ClientMethodPolicy } from "./client-method.js";
import type { ClientOptions } from "./client-options.js";
import type { ContractError } from "./contract-error.js";
import type { ErrorMap } from "./error-map.js";
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
  /** Makes a request of what a caller passed, with its idempotency key. @throws if the value is no request */
  request(init: MessageInitShape<Input>): MessageShape<Input>;
  /** @internal never set: carries the type of the responses */
  readonly responds?: MessageShape<Output>;
}

/** Binds a method to its channel. */
export function bindMethod<Input extends DescMessage, Output extends DescMessage>(
  binding: ClientBinding,
  method: DescMethod & { readonly input: Input; readonly output: Output },
  policy: ClientMethodPolicy<ContractError>,
): MethodBinding<Input, Output> {
  const { input, output } = method;
  const key = policy.idempotencyKey;
  return {
    ...binding,
    method,
    policy,
    definition: {
      path: `/${method.parent.typeName}/${method.name}`,
      originalName: method.localName,
      requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
      responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
      requestSerialize: (request: MessageShape<Input>) => toBuffer(toBinary(input, request)),
      responseDeserialize: (bytes: Buffer) => fromBinary(output, toBytes(bytes)),
    },
    request(init) {
      const request = create(input, init);
      return key === undefined ? request : withIdempotencyKey(request, init, key);
    },
  };
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Fields of type `bytes` are views of what they are read from: they shall be what protobuf-es promises, not Buffers.
function toBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
