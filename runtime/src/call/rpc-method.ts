import type { DescMethod } from "@bufbuild/protobuf";
import type { Attributes } from "@opentelemetry/api";
import { askedConventions } from "./rpc-conventions.js";

/** A method as spans and metrics name it: made once per method. */
export interface RpcMethod {
  /** `ledger.v1.LedgerService/Transfer`: the span's name, and `grpc.method`. */
  readonly name: string;
  /** OpenTelemetry's semantic conventions for rpc, as far as they are known before the call. */
  readonly spanAttributes: Attributes;
  /** The same, for the conventions' metrics. */
  readonly metricAttributes: Attributes;
}

const methods = new WeakMap<DescMethod, RpcMethod>();

/** Names a method for spans and metrics. */
export function rpcMethod(desc: DescMethod): RpcMethod {
  let method = methods.get(desc);
  if (method === undefined) {
    const service = desc.parent.typeName;
    const name = `${service}/${desc.name}`;
    const oldNames = askedConventions().oldNames ? { "rpc.system": "grpc", "rpc.service": service } : undefined;
    const metricAttributes = { "rpc.system.name": "grpc", "rpc.method": name };
    method = { name, spanAttributes: { ...metricAttributes, ...oldNames }, metricAttributes };
    methods.set(desc, method);
  }
  return method;
}
