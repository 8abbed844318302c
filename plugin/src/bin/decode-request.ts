import { create, mergeFromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { setSourceInfo } from "../read/encoded-source-info.js";

const { protoFile: PROTO_FILE, sourceFileDescriptors: SOURCE_FILE } = CodeGeneratorRequestSchema.field;
const { name: NAME, sourceCodeInfo: SOURCE_CODE_INFO } = FileDescriptorProtoSchema.field;

/**
 * Decodes what a compiler sends, and of it only what is needed: most of a large request is source info, and most of its
 * files are in it twice.
 *
 * - Source info stays encoded until it is asked for (see `encoded-source-info.ts`).
 * - A file that is also in `source_file_descriptors`, with all its options, is taken from there. That field is empty then.
 *
 * @throws if the bytes are no `CodeGeneratorRequest`
 */
export function decodeRequest(bytes: Uint8Array): CodeGeneratorRequest {
  const request = create(CodeGeneratorRequestSchema);
  const files: Uint8Array[] = [];
  const sources = new Map<string, Uint8Array>();
  for (const field of fieldsOf(bytes, [PROTO_FILE.number, SOURCE_FILE.number])) {
    if (field.number === PROTO_FILE.number) {
      files.push(field.content);
    } else if (field.number === SOURCE_FILE.number) {
      sources.set(nameOf(field.content), field.content);
    } else {
      mergeFromBinary(CodeGeneratorRequestSchema, request, field.content);
    }
  }
  request.protoFile = files.map((file) => decodeFile(sources.get(nameOf(file)) ?? file));
  return request;
}

function decodeFile(bytes: Uint8Array): FileDescriptorProto {
  const file = create(FileDescriptorProtoSchema);
  const sourceInfo: Uint8Array[] = [];
  for (const field of fieldsOf(bytes, [SOURCE_CODE_INFO.number])) {
    if (field.number === SOURCE_CODE_INFO.number) {
      sourceInfo.push(field.content);
    } else {
      mergeFromBinary(FileDescriptorProtoSchema, file, field.content);
    }
  }
  if (sourceInfo.length > 0) {
    setSourceInfo(file, sourceInfo);
  }
  return file;
}

/** The name of a file, by which one that a request has twice is recognised. */
function nameOf(file: Uint8Array): string {
  for (const field of fieldsOf(file, [NAME.number])) {
    if (field.number === NAME.number) {
      return new TextDecoder().decode(field.content);
    }
  }
  return "";
}

interface Field {
  /** Undefined for a run of other fields. */
  readonly number: number | undefined;
  /** What the field holds; of a run of others, all their bytes. */
  readonly content: Uint8Array;
}

/** Takes an encoded message apart, without copying: the wanted fields, all of them length-delimited, and what is between them. */
function* fieldsOf(message: Uint8Array, wanted: readonly number[]): Generator<Field> {
  const reader = new BinaryReader(message);
  let rest = 0;
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    if (wireType === WireType.LengthDelimited && wanted.includes(number)) {
      if (start > rest) {
        yield { number: undefined, content: message.subarray(rest, start) };
      }
      yield { number, content: reader.bytes() };
      rest = reader.pos;
    } else {
      reader.skip(wireType, number);
    }
  }
  if (rest < message.length) {
    yield { number: undefined, content: message.subarray(rest) };
  }
}
