import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import { wktPublicImportPaths } from "@bufbuild/protobuf/codegenv2";
import { nestedTypes } from "@bufbuild/protobuf/reflect";

/** A name that a module exports, and the module. */
export interface ImportableName {
  readonly name: string;
  readonly module: ModuleName;
  /** Whether the import may be erased: a type, or a value of which only the type is asked for. */
  readonly typeOnly: boolean;
}

/** A module, by what it is rather than by how a file spells it. */
export type ModuleName =
  /** A generated file, by its path below the folder of generated code, without extension: `ledger/v1/ledger_pb`. */
  | { readonly kind: "generated"; readonly path: string }
  /** A package that is imported under its own name: `@accord-grpc/runtime`. */
  | { readonly kind: "package"; readonly specifier: string };

/** What protoc-gen-es calls a message: its type, and its schema. */
export interface MessageNames {
  readonly shape: ImportableName;
  readonly schema: ImportableName;
}

/** What protoc-gen-es calls a message, and where a user's file imports it from. */
export function messageNames(message: DescMessage): MessageNames {
  const names = namesOf(message.file);
  const module = moduleOf(message.file);
  const name = (kind: Map<string, string>) => ({
    name: kind.get(message.typeName) ?? identifier(message.file, message.typeName),
    module,
    typeOnly: true,
  });
  return { shape: name(names.shapes), schema: name(names.schemas) };
}

// As generated code does: see `GeneratedNames`.
function moduleOf(file: DescFile): ModuleName {
  const specifier = (wktPublicImportPaths as Readonly<Record<string, string>>)[file.proto.name];
  return specifier === undefined ? { kind: "generated", path: `${file.name}_pb` } : { kind: "package", specifier };
}

interface FileNames {
  /** Type name → the exported type. */
  readonly shapes: Map<string, string>;
  /** Type name → the exported schema. */
  readonly schemas: Map<string, string>;
}

const known = new WeakMap<DescFile, FileNames>();

/**
 * The names of a file's messages. They are unique in the file: all types get theirs first, then all descriptors, in the
 * order of the file, and one that is taken gets a `$` (then `$1`, `$2`, …).
 */
function namesOf(file: DescFile): FileNames {
  const before = known.get(file);
  if (before !== undefined) {
    return before;
  }
  const taken = new Set<string>();
  const take = (ideal: string) => {
    let name = ideal;
    for (let i = 0; taken.has(safe(name)); i++) {
      name = `${ideal}$${i === 0 ? "" : i}`;
    }
    taken.add(safe(name));
    return safe(name);
  };
  const names: FileNames = { shapes: new Map(), schemas: new Map() };
  const types = [...nestedTypes(file)];
  for (const type of types) {
    if (type.kind === "message" || type.kind === "enum") {
      names.shapes.set(type.typeName, take(identifier(file, type.typeName)));
    }
  }
  take(`file_${file.name.replace(/[^a-zA-Z0-9_]+/g, "_")}`);
  for (const type of types) {
    const suffix = type.kind === "message" || type.kind === "enum" ? "Schema" : "";
    names.schemas.set(type.typeName, take(identifier(file, type.typeName) + suffix));
  }
  known.set(file, names);
  return names;
}

/** `ledger.v1.Account.Kind` → `Account_Kind`. */
function identifier(file: DescFile, typeName: string): string {
  const prefix = file.proto.package === "" ? 0 : file.proto.package.length + 1;
  return typeName.slice(prefix).replaceAll(".", "_");
}

const RESERVED = new Set(
  (
    "break case catch class const continue debugger default delete do else export extends false finally for function if import " +
    "in instanceof new null return super switch this throw true try typeof var void while with yield " +
    "enum implements interface let package private protected public static " +
    "Object bigint number boolean string object globalThis Uint8Array Partial"
  ).split(" "),
);

/** The names that protoc-gen-es doesn't use as they are. */
function safe(name: string): string {
  return RESERVED.has(name) ? `${name}$` : name;
}
