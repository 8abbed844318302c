import * as accord from "@accord-grpc/runtime/accord/v1/options_pb";
import type { AnyDesc, DescFile, DescMessage } from "@bufbuild/protobuf";
import { DescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { fileOf } from "./descriptor-path.js";
import { OPTION_NUMBER } from "./option-number.js";
import { OptionPlace, type Place } from "./place.js";
import { readOption, type UnreadableOption } from "./read-option.js";

// Contracts for elements of files that aren't the user's: `(accord.v1.annotate)` on a message of the user's own. Each is put in
// the place of the element's own option, so that nothing behind knows the difference but for where it is written.

/** A contract that stands elsewhere than its element. */
export interface ForeignContract {
  /** A message of the language: which one, the kind of the element says. */
  readonly value: NonNullable<accord.Annotation["contract"]["value"]>;
  readonly at: OptionPlace<unknown>;
}

/** An annotation that can't be followed. */
export interface AnnotationProblem {
  readonly place: Place;
  /** The name that it gives. */
  readonly element: string;
  /**
   * `empty`: it says nothing. `unknown`: nothing visible has the name. `kind`: what has the name takes another option.
   * `taken`: the element has a contract already.
   */
  readonly why: "empty" | "unknown" | "kind" | "taken";
  /** The option that is named like the contract it gives: `method`. */
  readonly option: string | undefined;
  /** What has the name. */
  readonly found: AnyDesc | undefined;
}

export interface Annotations {
  readonly contracts: ReadonlyMap<AnyDesc, ForeignContract>;
  readonly problems: readonly AnnotationProblem[];
  /** By the file that they stand in. */
  readonly unreadable: ReadonlyMap<DescFile, readonly UnreadableOption[]>;
  /** The names that annotations of a kind may give. */
  names(option: string): Iterable<string>;
}

type Kind = NonNullable<accord.Annotation["contract"]["case"]>;

/** What each option stands on, and what it says. */
const KINDS: Readonly<Record<Kind, { readonly on: AnyDesc["kind"]; readonly schema: DescMessage }>> = {
  file: { on: "file", schema: accord.FileContractSchema },
  service: { on: "service", schema: accord.ServiceContractSchema },
  method: { on: "rpc", schema: accord.MethodContractSchema },
  field: { on: "field", schema: accord.FieldContractSchema },
  errors: { on: "enum", schema: accord.ErrorCatalogSchema },
  error: { on: "enum_value", schema: accord.ErrorSpecSchema },
};

/** Finds all annotations, and what they are for. */
export function readAnnotations(files: readonly DescFile[]): Annotations {
  const reader = new AnnotationReader(files);
  for (const file of files) {
    for (const message of file.messages) {
      reader.readMessage(message);
    }
  }
  return reader;
}

class AnnotationReader implements Annotations {
  readonly contracts = new Map<AnyDesc, ForeignContract>();
  readonly problems: AnnotationProblem[] = [];
  readonly unreadable = new Map<DescFile, UnreadableOption[]>();
  readonly #files: readonly DescFile[];
  #elements: ReadonlyMap<string, readonly AnyDesc[]> | undefined;

  constructor(files: readonly DescFile[]) {
    this.#files = files;
  }

  *names(option: string): Iterable<string> {
    for (const [name, elements] of this.#named()) {
      if (elements.some(({ kind }) => isKind(option) && kind === KINDS[option].on)) {
        yield name;
      }
    }
  }

  readMessage(message: DescMessage): void {
    const options = message.proto.options;
    // Most messages have no options at all.
    if (options?.$unknown !== undefined) {
      const reading = readOption(options, accord.annotate);
      if (reading.kind === "unreadable") {
        const place = annotationPlace(message, message);
        this.unreadable.set(message.file, [...(this.unreadable.get(message.file) ?? []), { place, why: reading.why }]);
      } else if (reading.kind === "value") {
        const { value } = reading;
        for (const [index, annotation] of value.entries()) {
          this.#read(annotation, message, { index, of: value.length });
        }
      }
    }
    for (const nested of message.nestedMessages) {
      this.readMessage(nested);
    }
  }

  #read({ element, contract }: accord.Annotation, message: DescMessage, part: { index: number; of: number }): void {
    const place = annotationPlace(message, message, part);
    const named = this.#named().get(element) ?? [];
    const problem = (why: AnnotationProblem["why"], found = named[0]): void => {
      this.problems.push({
        place: why === "empty" ? place : place.at("element"),
        element,
        why,
        option: contract.case,
        found,
      });
    };
    if (contract.case === undefined) {
      problem("empty");
      return;
    }
    const { on, schema } = KINDS[contract.case];
    const targets = named.filter(({ kind }) => kind === on);
    if (targets.length === 0) {
      problem(named.length === 0 ? "unknown" : "kind");
      return;
    }
    for (const target of targets) {
      // A package's files may each say something of it: whether they agree is checked like that of files without annotations.
      if (this.contracts.has(target) || (on !== "file" && hasOption(target))) {
        problem("taken", target);
      } else if (!hasOption(target)) {
        const at = annotationPlace(target, message, part).at(contract.case);
        this.contracts.set(target, { value: contract.value, at: at.as(schema) });
      }
    }
  }

  /** All elements that may be named. */
  #named(): ReadonlyMap<string, readonly AnyDesc[]> {
    this.#elements ??= elementsByName(this.#files);
    return this.#elements;
  }
}

function isKind(option: string): option is Kind {
  return Object.hasOwn(KINDS, option);
}

function annotationPlace(
  desc: AnyDesc,
  origin: DescMessage,
  part?: { index: number; of: number },
): OptionPlace<accord.Annotation> {
  const parts = part === undefined ? [] : [part];
  return new OptionPlace({
    desc,
    origin,
    steps: [DescriptorProtoSchema.field.options.number, OPTION_NUMBER, ...parts],
    option: { extension: accord.annotate.typeName, path: parts },
    schema: accord.AnnotationSchema,
  });
}

function hasOption(desc: AnyDesc): boolean {
  return desc.proto.options?.$unknown?.some(({ no }) => no === OPTION_NUMBER) === true;
}

function elementsByName(files: readonly DescFile[]): Map<string, AnyDesc[]> {
  const elements = new Map<string, AnyDesc[]>();
  const add = (name: string, desc: AnyDesc): void => {
    elements.set(name, [...(elements.get(name) ?? []), desc]);
  };
  const addMessage = (message: DescMessage): void => {
    add(message.typeName, message);
    for (const field of message.fields) {
      add(`${message.typeName}.${field.name}`, field);
    }
    message.nestedEnums.forEach(addEnum);
    message.nestedMessages.forEach(addMessage);
  };
  const addEnum = (enumeration: DescMessage["nestedEnums"][number]): void => {
    add(enumeration.typeName, enumeration);
    for (const value of enumeration.values) {
      // A value's scope is that of its enum.
      add(enumeration.typeName.replace(/[^.]*$/, value.name), value);
    }
  };
  for (const file of files) {
    add(file.proto.package, file);
    file.enums.forEach(addEnum);
    file.messages.forEach(addMessage);
    for (const service of file.services) {
      add(service.typeName, service);
      for (const method of service.methods) {
        add(`${service.typeName}.${method.name}`, method);
      }
    }
  }
  return elements;
}

/**
 * The files that annotations are about which stand in some files: those are checked and generated with them.
 *
 * @param paths of the files with annotations, as the compiler names them
 */
export function annotatedFiles(files: readonly DescFile[], paths: ReadonlySet<string>): Set<string> {
  const annotated = new Set<string>();
  for (const [desc, { at }] of readAnnotations(files).contracts) {
    if (needsCode(desc) && at.origin.kind === "message" && paths.has(at.origin.file.proto.name)) {
      annotated.add(fileOf(desc).proto.name);
    }
  }
  return annotated;
}

/** Whether an element's contract is of use only where code for its file is generated; a field's serves whoever logs it. */
export function needsCode(desc: AnyDesc): boolean {
  return desc.kind !== "field";
}

/**
 * Where to tell of an element: at its contract, if that stands elsewhere, since the element's own file isn't the user's to
 * change; or at that of what it is in.
 */
export function whereWritten(place: Place, { contracts }: Pick<Annotations, "contracts">): Place {
  if (place.option !== undefined) {
    return place;
  }
  const { desc } = place;
  const parent = desc.kind === "rpc" || desc.kind === "enum_value" ? desc.parent : desc;
  return contracts.get(desc)?.at ?? contracts.get(parent)?.at ?? place;
}
