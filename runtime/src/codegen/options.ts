/**
 * The contract language's own code, `accord/v1/options_pb`. A project's messages import it from here where protoc-gen-es is told so
 * (`rewrite_imports=./accord/v1/options_pb.js:@accord-grpc/runtime`), rather than from a copy of 1,300 lines.
 */

export * from "../gen/accord/v1/options_pb.js";
