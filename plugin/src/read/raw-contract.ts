import type { DescEnum, DescEnumValue, DescField, DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import type { Annotations } from "./annotations.js";
import type {
  ErrorCatalog,
  ErrorSpec,
  FieldContract,
  FileContract,
  MethodContract,
  ServiceContract,
} from "./options.js";
import type { OptionPlace } from "./place.js";
import type { UnreadableOption } from "./read-option.js";

/** An element and what it says in Accord's language, uninterpreted. */
export interface RawElement<Desc, Options> {
  readonly desc: Desc;
  /** Empty where the element says nothing. */
  readonly options: Options;
  /** Where it says so. */
  readonly at: OptionPlace<Options>;
  /** Whether the element carries the option. */
  readonly annotated: boolean;
}

export interface RawMethod extends RawElement<DescMethod, MethodContract> {
  readonly service: RawService;
}

export interface RawService extends RawElement<DescService, ServiceContract> {
  readonly file: RawFile;
  readonly methods: readonly RawMethod[];
}

export type RawErrorValue = RawElement<DescEnumValue, ErrorSpec>;

/** An enum that is marked as an error catalogue. */
export interface RawCatalog extends RawElement<DescEnum, ErrorCatalog> {
  readonly file: RawFile;
  readonly values: readonly RawErrorValue[];
}

export type RawField = RawElement<DescField, FieldContract>;

export interface RawFile extends RawElement<DescFile, FileContract> {
  /** Whether the request asks for this file's code; what is only imported isn't checked. */
  readonly generate: boolean;
  /** Whether the user said to leave it alone: then nobody misses it. */
  readonly excluded: boolean;
  readonly services: readonly RawService[];
  readonly catalogs: readonly RawCatalog[];
  /** Annotated values of enums that aren't marked as a catalogue. */
  readonly strayErrors: readonly RawErrorValue[];
  /** Annotated fields. */
  readonly fields: readonly RawField[];
  readonly unreadable: readonly UnreadableOption[];
}

/** All that a request's files say. */
export interface RawContract {
  /** Sorted by path. */
  readonly files: readonly RawFile[];
  /** Contracts that stand elsewhere than their elements; the elements have them already. */
  readonly annotations: Annotations;
}
