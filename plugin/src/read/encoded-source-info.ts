import { create, fromBinary, mergeFromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  type SourceCodeInfo,
  type SourceCodeInfo_Location,
  SourceCodeInfo_LocationSchema,
  SourceCodeInfoSchema,
} from "@bufbuild/protobuf/wkt";

// Source info is most of a large request: a location for each token of a proto file that has a meaning. All that is ever
// read of it are a few comments, and positions if something is wrong.

const { location: LOCATION } = SourceCodeInfoSchema.field;
const {
  path: PATH,
  leadingComments: LEADING,
  trailingComments: TRAILING,
  leadingDetachedComments: DETACHED,
} = SourceCodeInfo_LocationSchema.field;

/** What is in a file's messages, and everything else. */
export type Part = "messages" | "others";

const encodedInfo = new WeakMap<FileDescriptorProto, readonly Uint8Array[]>();

/**
 * Gives a file its source info without decoding it: that is done when `sourceCodeInfo` is first read. What can't be
 * decoded is left out.
 */
export function setSourceInfo(file: FileDescriptorProto, encoded: readonly Uint8Array[]): void {
  encodedInfo.set(file, encoded);
  const define = (property: PropertyDescriptor): void => {
    const { localName } = FileDescriptorProtoSchema.field.sourceCodeInfo;
    Object.defineProperty(file, localName, { configurable: true, enumerable: true, ...property });
  };
  const set = (value: SourceCodeInfo | undefined): void => {
    encodedInfo.delete(file);
    define({ value, writable: true });
  };
  const get = (): SourceCodeInfo => {
    const value = decode(encoded);
    set(value);
    return value;
  };
  define({ get, set });
}

function decode(encoded: readonly Uint8Array[]): SourceCodeInfo {
  const info = create(SourceCodeInfoSchema);
  try {
    for (const bytes of encoded) {
      mergeFromBinary(SourceCodeInfoSchema, info, bytes);
    }
  } catch {
    // Without it, comments and positions are missing. That is no reason to generate nothing.
  }
  return info;
}

/** The locations in a part of a file that have comments. Source info that is still encoded stays so. */
export function commentedLocations(file: FileDescriptorProto, part: Part): SourceCodeInfo_Location[] {
  const encoded = encodedInfo.get(file);
  if (encoded === undefined) {
    return (file.sourceCodeInfo?.location ?? []).filter(
      (location) => partOf(location.path[0]) === part && hasComments(location),
    );
  }
  const locations: SourceCodeInfo_Location[] = [];
  try {
    for (const bytes of encoded) {
      collect(bytes, part, locations);
    }
  } catch {
    // As above.
  }
  return locations;
}

function partOf(firstOfPath: number | undefined): Part {
  return firstOfPath === FileDescriptorProtoSchema.field.messageType.number ? "messages" : "others";
}

function hasComments(location: SourceCodeInfo_Location): boolean {
  return (
    location.leadingComments !== "" || location.trailingComments !== "" || location.leadingDetachedComments.length > 0
  );
}

function collect(info: Uint8Array, part: Part, locations: SourceCodeInfo_Location[]): void {
  const reader = new BinaryReader(info);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number !== LOCATION.number || wireType !== WireType.LengthDelimited) {
      reader.skip(wireType, number);
      continue;
    }
    const end = reader.uint32() + reader.pos;
    const start = reader.pos;
    if (isWanted(reader, end, part)) {
      locations.push(fromBinary(SourceCodeInfo_LocationSchema, info.subarray(start, end)));
    }
    reader.pos = end;
  }
}

/** Whether the location before which the reader stands is in the part, and has comments. */
function isWanted(reader: BinaryReader, end: number, part: Part): boolean {
  let firstOfPath: number | undefined;
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    switch (number) {
      case PATH.number: {
        // Packed, as compilers do it, or one by one.
        const after = wireType === WireType.LengthDelimited ? reader.uint32() + reader.pos : undefined;
        const next = after === reader.pos ? undefined : reader.uint32();
        firstOfPath ??= next;
        if (partOf(firstOfPath) !== part) {
          return false;
        }
        reader.pos = after ?? reader.pos;
        break;
      }
      case LEADING.number:
      case TRAILING.number:
      case DETACHED.number:
        // They come after the path.
        return partOf(firstOfPath) === part;
      default:
        reader.skip(wireType, number);
    }
  }
  return false;
}
