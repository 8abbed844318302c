import type { DescMethod } from "@bufbuild/protobuf";
import type { Attributes } from "@opentelemetry/api";

/** A method as spans and metrics name it: made once per method. */
export interface RpcMethod {
  /** `ledger.v1.LedgerService/Transfer`: the span's name, and `grpc.method`. */
  readonly name: string;
  /** OpenTelemetry's semantic conventions for rpc, as far as they are known before the call. */
  readonly spanAttributes: Attributes;
}

const methods = new WeakMap<DescMethod, RpcMethod>();

/** Names a method for spans and metrics. */
export function rpcMethod(desc: DescMethod): RpcMethod {
  let method = methods.get(desc);
  if (method === undefined) {
    const service = desc.parent.typeName;
    method = {
      name: `${service}/${desc.name}`,
      spanAttributes: { "rpc.system": "grpc", "rpc.service": service, "rpc.method": desc.name },
    };
    methods.set(desc, method);
  }
  return method;
}
