import { file_accord_v1_options } from "@accord-grpc/runtime/accord/v1/options_pb";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_descriptor,
} from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { compareLanguage } from "./language.js";

/** This version's file, with changes. */
function changed(change: (file: typeof file_accord_v1_options.proto) => void) {
  const file = fromBinary(FileDescriptorProtoSchema, toBinary(FileDescriptorProtoSchema, file_accord_v1_options.proto));
  change(file);
  const set = create(FileDescriptorSetSchema, { file: [file_google_protobuf_descriptor.proto, file] });
  const found = createFileRegistry(set).getFile(file.name);
  if (found === undefined) {
    throw new Error("the file isn't there");
  }
  return found;
}

const messageOf = (file: typeof file_accord_v1_options.proto, name: string) =>
  file.messageType.find((message) => message.name === name);

it("finds no difference in the same file", () => {
  expect(compareLanguage(changed(() => {}))).toEqual({ missing: [], foreign: [] });
});

it("finds what is missing, and what is another", () => {
  const older = changed((file) => {
    messageOf(file, "Deployment")?.field.splice(0, 1);
    const port = messageOf(file, "Deployment")?.field.find(({ name }) => name === "port");
    if (port !== undefined) {
      port.number = 99;
    }
    file.enumType.find(({ name }) => name === "Mask")?.value.pop();
  });
  expect(compareLanguage(older)).toEqual({
    missing: ["Deployment.name", "Deployment.port", "Mask.MASK_LENGTH"],
    foreign: [],
  });
});

it("finds what is newer", () => {
  const newer = changed((file) => {
    const field = {
      name: "until",
      number: 3,
      type: FieldDescriptorProto_Type.STRING,
      label: FieldDescriptorProto_Label.OPTIONAL,
    };
    messageOf(file, "Waiver")?.field.push(create(FieldDescriptorProtoSchema, field));
  });
  expect(compareLanguage(newer).foreign).toEqual(["Waiver.until"]);
});
