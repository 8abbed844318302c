import type { AnyDesc, DescFile } from "@bufbuild/protobuf";
import {
  DescriptorProtoSchema,
  EnumDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

const FILE = FileDescriptorProtoSchema.field;
const MESSAGE = DescriptorProtoSchema.field;
const ENUM = EnumDescriptorProtoSchema.field;
const SERVICE = ServiceDescriptorProtoSchema.field;

/** `name` has the number 1 in the descriptor protos of all elements but files. */
const NAME = 1;

/** The file that an element is declared in. */
export function fileOf(desc: AnyDesc): DescFile {
  switch (desc.kind) {
    case "file":
      return desc;
    case "rpc":
    case "field":
    case "oneof":
    case "enum_value":
      return fileOf(desc.parent);
    default:
      return desc.file;
  }
}

/** The path of an element in source info: field numbers and indices, from the file's descriptor proto. */
export function descriptorPath(desc: AnyDesc): readonly number[] {
  switch (desc.kind) {
    case "file":
      return [];
    case "service":
      return [FILE.service.number, desc.file.proto.service.indexOf(desc.proto)];
    case "rpc":
      return [...descriptorPath(desc.parent), SERVICE.method.number, desc.parent.proto.method.indexOf(desc.proto)];
    case "enum_value":
      return [...descriptorPath(desc.parent), ENUM.value.number, desc.parent.proto.value.indexOf(desc.proto)];
    case "field":
      return [...descriptorPath(desc.parent), MESSAGE.field.number, desc.parent.proto.field.indexOf(desc.proto)];
    case "oneof":
      return [
        ...descriptorPath(desc.parent),
        MESSAGE.oneofDecl.number,
        desc.parent.proto.oneofDecl.indexOf(desc.proto),
      ];
    case "message":
      return desc.parent === undefined
        ? [FILE.messageType.number, desc.file.proto.messageType.indexOf(desc.proto)]
        : [...descriptorPath(desc.parent), MESSAGE.nestedType.number, desc.parent.proto.nestedType.indexOf(desc.proto)];
    case "enum":
      return desc.parent === undefined
        ? [FILE.enumType.number, desc.file.proto.enumType.indexOf(desc.proto)]
        : [...descriptorPath(desc.parent), MESSAGE.enumType.number, desc.parent.proto.enumType.indexOf(desc.proto)];
    case "extension":
      return desc.parent === undefined
        ? [FILE.extension.number, desc.file.proto.extension.indexOf(desc.proto)]
        : [...descriptorPath(desc.parent), MESSAGE.extension.number, desc.parent.proto.extension.indexOf(desc.proto)];
  }
}

/** The path of what names an element: its name, or a file's package statement. */
export function namePath(desc: AnyDesc): readonly number[] {
  return desc.kind === "file" ? [FILE.package.number] : [...descriptorPath(desc), NAME];
}
