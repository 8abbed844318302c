import { type DescMessage, type DescMethod, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { MethodDefinition } from "@grpc/grpc-js";
import { BenchService } from "../gen/es/bench/v1/bench_pb.js";

type Definition<Method extends DescMethod> = MethodDefinition<
  MessageShape<Method["input"]>,
  MessageShape<Method["output"]>
>;

/** The service as grpc-js wants it, with protobuf-es's codec: what everybody writes who combines the two. */
export const BENCH_DEFINITION = {
  ping: definition(BenchService.method.ping),
  transfer: definition(BenchService.method.transfer),
  importEntries: definition(BenchService.method.importEntries),
  listEntries: definition(BenchService.method.listEntries),
  watch: definition(BenchService.method.watch),
};

function definition<Method extends DescMethod>(method: Method): Definition<Method> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: false,
    responseStream: method.methodKind === "server_streaming",
    requestSerialize: (message) => encode(method.input, message),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes) as MessageShape<Method["input"]>,
    responseSerialize: (message) => encode(method.output, message),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes) as MessageShape<Method["output"]>,
  };
}

function encode<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): Buffer {
  const bytes = toBinary(desc, message);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
