import type { AnyDesc, DescEnum, DescExtension, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { wktPublicImportPaths } from "@bufbuild/protobuf/codegenv2";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { type GeneratedFile, safeIdentifier } from "@bufbuild/protoplugin";

/** What has a descriptor of its own in generated code. */
export type SchemaDesc = DescMessage | DescEnum | DescService | DescExtension;

/** What protoc-gen-es calls something, and the module that exports it. */
export interface GeneratedName {
  readonly name: string;
  readonly from: string;
}

/**
 * The names that protoc-gen-es generates. protoplugin's own look-ups (`importShape`, `importSchema`) name a whole file anew
 * each time, which takes minutes in files with thousands of messages; here a file is named once.
 */
export class GeneratedNames {
  readonly #modules = new Map<DescFile, Module>();

  /** The type of a message, or an enum: `TransferRequest`, `Currency`. */
  shape(desc: DescMessage | DescEnum, importer: GeneratedFile): GeneratedName {
    const { from, shapes } = this.#moduleOf(desc, importer);
    return { name: known(shapes, desc), from };
  }

  /** A descriptor: `TransferRequestSchema`, `LedgerService`. */
  schema(desc: SchemaDesc, importer: GeneratedFile): GeneratedName {
    const { from, schemas } = this.#moduleOf(desc, importer);
    return { name: known(schemas, desc), from };
  }

  #moduleOf(desc: SchemaDesc, importer: GeneratedFile): Module {
    let module = this.#modules.get(desc.file);
    if (module === undefined) {
      module = { from: moduleOf(desc, importer), ...namesIn(desc.file) };
      this.#modules.set(desc.file, module);
    }
    return module;
  }
}

/** The module with a file's code. */
function moduleOf(desc: SchemaDesc, importer: GeneratedFile): string {
  // protoplugin takes the code of a well-known type from where the run puts it, if the run generates it too. But which files
  // a run has mustn't matter, and everybody has the library's.
  const wellKnown: string | undefined = (wktPublicImportPaths as Readonly<Record<string, string>>)[
    desc.file.proto.name
  ];
  // Where other code is depends on options; that much is left to protoplugin.
  return wellKnown ?? importer.importSchema(desc).from;
}

interface Names {
  readonly shapes: ReadonlyMap<AnyDesc, string>;
  readonly schemas: ReadonlyMap<AnyDesc, string>;
}

interface Module extends Names {
  readonly from: string;
}

/** Names everything in a file. A name that is taken already gets `$`, then `$1`, `$2`, … */
function namesIn(file: DescFile): Names {
  const taken = new Set<string>();
  const claim = (ideal: string): string => {
    let name = safeIdentifier(ideal);
    for (let i = 0; taken.has(name); i++) {
      name = safeIdentifier(`${ideal}$${i === 0 ? "" : i}`);
    }
    taken.add(name);
    return name;
  };
  const shapes = new Map<AnyDesc, string>();
  const schemas = new Map<AnyDesc, string>();
  const types = [...nestedTypes(file)];
  // The types have the first choice.
  for (const desc of types) {
    if (desc.kind === "message" || desc.kind === "enum") {
      shapes.set(desc, claim(identifier(desc.typeName, file)));
    }
  }
  claim(`file_${file.name.replace(/[^a-zA-Z0-9_]+/g, "_")}`);
  for (const desc of types) {
    const name = identifier(desc.typeName, file);
    schemas.set(desc, claim(desc.kind === "message" || desc.kind === "enum" ? `${name}Schema` : name));
  }
  return { shapes, schemas };
}

/** The name in its package, with `_` between a message and what is nested in it. */
function identifier(typeName: string, file: DescFile): string {
  const { package: pkg } = file.proto;
  return typeName.slice(pkg === "" ? 0 : pkg.length + 1).replaceAll(".", "_");
}

function known(names: ReadonlyMap<AnyDesc, string>, desc: AnyDesc): string {
  const name = names.get(desc);
  if (name === undefined) {
    throw new Error(`${desc.toString()} isn't in its file`);
  }
  return name;
}
