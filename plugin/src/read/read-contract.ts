import * as accord from "@accord-grpc/runtime/accord/v1/options_pb";
import {
  type AnyDesc,
  create,
  type DescEnum,
  type DescEnumValue,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescService,
  type Message,
} from "@bufbuild/protobuf";
import type { GenExtension, GenMessage } from "@bufbuild/protobuf/codegenv2";
import {
  EnumDescriptorProtoSchema,
  EnumValueDescriptorProtoSchema,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  MethodDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { type Annotations, readAnnotations } from "./annotations.js";
import { OPTION_NUMBER } from "./option-number.js";
import { OptionPlace } from "./place.js";
import type {
  RawCatalog,
  RawContract,
  RawElement,
  RawErrorValue,
  RawField,
  RawFile,
  RawMethod,
  RawService,
} from "./raw-contract.js";
import { readOption, type UnreadableOption } from "./read-option.js";

/**
 * Reads what files say in Accord's language, and checks nothing of it.
 *
 * Options are taken from the descriptors as they are given. They have no source retention, so `proto_file` and
 * `source_file_descriptors` of a request carry the same ones; source info is wherever the caller kept it.
 *
 * @param files all visible files
 * @param toGenerate the paths of those that are to be generated: `ledger/v1/ledger.proto`
 * @param excluded the paths of those that the user said to leave alone
 */
export function readRawContract(
  files: Iterable<DescFile>,
  toGenerate: ReadonlySet<string>,
  excluded: ReadonlySet<string> = new Set(),
): RawContract {
  const sorted = [...files].sort((a, b) => (a.proto.name < b.proto.name ? -1 : a.proto.name > b.proto.name ? 1 : 0));
  const annotations = readAnnotations(sorted);
  const read = (file: DescFile): RawFile => {
    const path = file.proto.name;
    return readFile(file, { generate: toGenerate.has(path), excluded: excluded.has(path) }, annotations);
  };
  return { files: sorted.map(read), annotations };
}

/** How one kind of element carries its option. */
interface OptionKind<Extendee extends Message, M extends Message> {
  readonly extension: GenExtension<Extendee, M>;
  /** What an element says that doesn't carry the option. */
  readonly empty: M;
  readonly schema: DescMessage;
  /** From the element's descriptor proto to the option. */
  readonly steps: readonly number[];
}

function optionKind<Extendee extends Message, M extends Message>(
  extension: GenExtension<Extendee, M>,
  schema: GenMessage<M>,
  descriptor: { readonly field: { readonly options: DescField } },
): OptionKind<Extendee, M> {
  return { extension, empty: create(schema), schema, steps: [descriptor.field.options.number, OPTION_NUMBER] };
}

const FILE = optionKind(accord.file, accord.FileContractSchema, FileDescriptorProtoSchema);
const SERVICE = optionKind(accord.service, accord.ServiceContractSchema, ServiceDescriptorProtoSchema);
const METHOD = optionKind(accord.method, accord.MethodContractSchema, MethodDescriptorProtoSchema);
const FIELD = optionKind(accord.field, accord.FieldContractSchema, FieldDescriptorProtoSchema);
const CATALOG = optionKind(accord.errors, accord.ErrorCatalogSchema, EnumDescriptorProtoSchema);
const ERROR = optionKind(accord.error, accord.ErrorSpecSchema, EnumValueDescriptorProtoSchema);

interface ReadContext {
  readonly unreadable: UnreadableOption[];
  readonly annotations: Annotations;
}

function readElement<Desc extends AnyDesc, Extendee extends Message, M extends Message>(
  desc: Desc,
  options: Extendee | undefined,
  kind: OptionKind<Extendee, M>,
  { unreadable, annotations }: ReadContext,
): RawElement<Desc, M> {
  const elsewhere = annotations.contracts.get(desc);
  if (elsewhere !== undefined) {
    // An annotation's contract is that of its element's kind, which types can't follow.
    return { desc, options: elsewhere.value as Message as M, at: elsewhere.at as OptionPlace<M>, annotated: true };
  }
  const { extension, steps, schema } = kind;
  const at = new OptionPlace<M>({ desc, steps, option: { extension: extension.typeName, path: [] }, schema });
  const reading = readOption(options, kind.extension);
  if (reading.kind === "unreadable") {
    unreadable.push({ place: at, why: reading.why });
  }
  return {
    desc,
    options: reading.kind === "value" ? reading.value : kind.empty,
    at,
    annotated: reading.kind === "value",
  };
}

function readFile(desc: DescFile, asked: Pick<RawFile, "generate" | "excluded">, annotations: Annotations): RawFile {
  const unreadable = [...(annotations.unreadable.get(desc) ?? [])];
  const context = { unreadable, annotations };
  const services: RawService[] = [];
  const catalogs: RawCatalog[] = [];
  const strayErrors: RawErrorValue[] = [];
  const fields: RawField[] = [];
  const file: RawFile = {
    ...readElement(desc, desc.proto.options, FILE, context),
    ...asked,
    services,
    catalogs,
    strayErrors,
    fields,
    unreadable,
  };
  for (const service of desc.services) {
    services.push(readService(service, file, context));
  }
  const mayCarry = (element: DescEnumValue | DescField): boolean =>
    element.proto.options?.$unknown !== undefined || annotations.contracts.has(element);
  const readEnum = (enumeration: DescEnum): void => {
    const catalog = readElement(enumeration, enumeration.proto.options, CATALOG, context);
    // Most values of other enums have no options at all: nothing is made for them.
    const values = enumeration.values
      .filter((value) => catalog.annotated || mayCarry(value))
      .map((value) => readElement(value, value.proto.options, ERROR, context));
    if (catalog.annotated) {
      catalogs.push({ ...catalog, file, values });
    } else {
      strayErrors.push(...values.filter((value) => value.annotated));
    }
  };
  const readMessage = (message: DescMessage): void => {
    for (const field of message.fields) {
      // As above.
      if (mayCarry(field)) {
        const element = readElement(field, field.proto.options, FIELD, context);
        if (element.annotated) {
          fields.push(element);
        }
      }
    }
    message.nestedEnums.forEach(readEnum);
    message.nestedMessages.forEach(readMessage);
  };
  desc.enums.forEach(readEnum);
  desc.messages.forEach(readMessage);
  return file;
}

function readService(desc: DescService, file: RawFile, context: ReadContext): RawService {
  const methods: RawMethod[] = [];
  const service: RawService = { ...readElement(desc, desc.proto.options, SERVICE, context), file, methods };
  for (const method of desc.methods) {
    methods.push({ ...readElement(method, method.proto.options, METHOD, context), service });
  }
  return service;
}
