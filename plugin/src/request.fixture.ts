import { create } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

/** A request for one file without annotations: `greet.v1.GreetService` with one unary method. */
export function greetRequest(parameter: string): CodeGeneratorRequest {
  return create(CodeGeneratorRequestSchema, {
    parameter,
    fileToGenerate: ["greet/v1/greet.proto"],
    protoFile: [
      create(FileDescriptorProtoSchema, {
        name: "greet/v1/greet.proto",
        package: "greet.v1",
        syntax: "proto3",
        messageType: [
          {
            name: "GreetRequest",
            field: [
              {
                name: "name",
                number: 1,
                type: FieldDescriptorProto_Type.STRING,
                label: FieldDescriptorProto_Label.OPTIONAL,
              },
            ],
          },
          { name: "GreetResponse" },
        ],
        service: [
          {
            name: "GreetService",
            method: [{ name: "Greet", inputType: ".greet.v1.GreetRequest", outputType: ".greet.v1.GreetResponse" }],
          },
        ],
      }),
    ],
  });
}
