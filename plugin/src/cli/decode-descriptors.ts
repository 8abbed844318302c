import { create, createFileRegistry, type DescFile, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { CodeGeneratorRequestSchema, type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { behindTheirImports } from "../import-order.js";
import { messageOf } from "../thrown-message.js";
import { CommandError } from "./command-error.js";
import { gunzip, isGzip } from "./unpacked-size.js";

/** Files as a compiler described them. */
export interface Descriptors {
  /** All files, imported ones before those that import them. */
  readonly files: readonly DescFile[];
  /** The paths of the files that are the user's own, rather than imported ones. */
  readonly toGenerate: ReadonlySet<string>;
}

/**
 * Decodes what buf or protoc wrote: a buf image, a `FileDescriptorSet`, or a `CodeGeneratorRequest`; gzipped or not.
 *
 * The user's own files are those that a request names, those that an image doesn't call imports, and all of a
 * descriptor set but the standard ones.
 *
 * @param origin what messages call the input: a path, or `standard input`
 * @throws CommandError if it is none of these, or not complete
 */
export function decodeDescriptors(bytes: Uint8Array, origin: string): Descriptors {
  const decoded = decode(unzip(bytes, origin), origin);
  if (decoded.protos.length === 0) {
    throw new CommandError(`${origin} is a descriptor set without any file in it. ${HOW_TO_MAKE_ONE}`);
  }
  try {
    const protos = behindTheirImports(
      decoded.protos,
      (importer, imported) =>
        new CommandError(
          `${origin} isn't complete: ${importer} imports ${imported}, which isn't in it. With protoc, add --include_imports.`,
        ),
    );
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: protos }));
    const files = protos.flatMap(({ name }) => registry.getFile(name) ?? []);
    return { files, toGenerate: new Set(decoded.toGenerate) };
  } catch (error) {
    if (error instanceof CommandError) {
      throw error;
    }
    throw new CommandError(`${origin} can't be used: ${messageOf(error)}`, { cause: error });
  }
}

const HOW_TO_MAKE_ONE =
  "`buf build -o image.binpb` makes one, and so does `protoc --include_imports --include_source_info -o image.binpb …`.";

interface Decoded {
  readonly protos: readonly FileDescriptorProto[];
  readonly toGenerate: readonly string[];
}

function decode(bytes: Uint8Array, origin: string): Decoded {
  if (bytes.length === 0) {
    throw new CommandError(`${origin} is empty: a descriptor set is expected. ${HOW_TO_MAKE_ONE}`);
  }
  try {
    return hasField(bytes, CodeGeneratorRequestSchema.field.protoFile.number) ? decodeRequest(bytes) : decodeSet(bytes);
  } catch (error) {
    const looks = looksLike(bytes);
    throw new CommandError(
      `${origin} isn't a descriptor set${looks === undefined ? "" : `: it looks like ${looks}`}. ${HOW_TO_MAKE_ONE}`,
      { cause: error },
    );
  }
}

function decodeRequest(bytes: Uint8Array): Decoded {
  const request = fromBinary(CodeGeneratorRequestSchema, bytes);
  return { protos: request.protoFile, toGenerate: request.fileToGenerate };
}

function decodeSet(bytes: Uint8Array): Decoded {
  const { file: protos } = fromBinary(FileDescriptorSetSchema, bytes);
  if (protos.some(({ name }) => name === "") || (protos.length === 0 && !hasField(bytes, 1))) {
    throw new Error("a file without a name");
  }
  const toGenerate = protos.filter(
    (proto) => isImport(proto) === false || (isImport(proto) === undefined && !isStandard(proto)),
  );
  return { protos, toGenerate: toGenerate.map(({ name }) => name) };
}

function unzip(bytes: Uint8Array, origin: string): Uint8Array {
  if (!isGzip(bytes)) {
    return bytes;
  }
  try {
    return gunzip(bytes);
  } catch (error) {
    throw new CommandError(`${origin} can't be unzipped: ${messageOf(error)}`, { cause: error });
  }
}

/** Whether a message has a field, by its number. Throws if it isn't a message at all. */
function hasField(bytes: Uint8Array, number: number): boolean {
  const reader = new BinaryReader(bytes);
  let found = false;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    found ||= field === number;
    reader.skip(wireType, field);
  }
  return found;
}

// bufbuild.image.v1: FileDescriptorProto has `optional ImageFileExtension buf_extension = 8042`, which has
// `optional bool is_import = 1`.
const BUF_EXTENSION = 8042;
const IS_IMPORT = 1;

/** What a buf image says of a file; undefined in a plain descriptor set. */
function isImport(proto: FileDescriptorProto): boolean | undefined {
  const extension = proto.$unknown?.find(({ no }) => no === BUF_EXTENSION);
  if (extension === undefined) {
    return undefined;
  }
  const reader = new BinaryReader(new BinaryReader(extension.data).bytes());
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === IS_IMPORT && wireType === WireType.Varint) {
      return reader.bool();
    }
    reader.skip(wireType, field);
  }
  return false;
}

function isStandard({ name }: FileDescriptorProto): boolean {
  return name.startsWith("google/protobuf/") || name === "accord/v1/options.proto";
}

function looksLike(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 2_000)).toString("utf8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: binary data is what has them
  if (/[\x00-\x08\x0e-\x1f\ufffd]/.test(start)) {
    return undefined;
  }
  if (/^\s*[{[]/.test(start)) {
    return "JSON";
  }
  return /^\s*(?:syntax|edition|package|import|message|option|\/\/|\/\*)/.test(start) ? "a .proto file" : "text";
}
