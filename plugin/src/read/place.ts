import type { AnyDesc, DescField, DescMessage, Message } from "@bufbuild/protobuf";

/** An element of a list. The list's length belongs to it, since compilers give one location for several elements. */
export interface ListElement {
  readonly index: number;
  readonly of: number;
}

/** An entry of a map. */
export interface MapEntry {
  readonly key: string;
}

/** One step from an option to a value in it, as compilers count (see `source-index.ts`): a field's number, or a part of it. */
export type Step = number | ListElement | MapEntry;

/** The way to a value in an option, as it is written in a proto file. */
export interface OptionPath {
  /** The full name of the option: `accord.v1.method`. */
  readonly extension: string;
  /** From the option's value: the names of fields, and parts of lists and maps. */
  readonly path: readonly (string | ListElement | MapEntry)[];
}

/** Somewhere in a proto file that a diagnostic can point at. Finding its line costs something, so that is done last. */
export interface Place {
  /** The element that is spoken of, whose waivers count. */
  readonly desc: AnyDesc;
  /** The element where it is written: `desc`, unless a contract for it stands elsewhere. */
  readonly origin: AnyDesc;
  /** From the origin's descriptor proto to the value; empty for the origin itself. */
  readonly steps: readonly Step[];
  /** The same way as it is written. Undefined for an element itself. */
  readonly option?: OptionPath;
}

/** The place of an element itself: its name, where it has one. */
export function elementPlace(desc: AnyDesc): Place {
  return { desc, origin: desc, steps: [] };
}

// The values of a oneof are fields too, though protobuf-es groups them.
type OneofCase<M> = Extract<M[keyof M], { case: string; value: unknown }>;
type FieldName<M> = Exclude<Extract<keyof M, string>, "$typeName" | "$unknown"> | OneofCase<M>["case"];
type FieldValue<M, Name> = Name extends keyof M ? NonNullable<M[Name]> : Extract<OneofCase<M>, { case: Name }>["value"];
type ElementOf<T> = T extends readonly (infer Element)[] ? Element : T extends Record<string, infer Value> ? Value : T;
type Inner<T> = T extends Message ? T : T extends readonly unknown[] | Record<string, unknown> ? ElementOf<T> : T;

/** What a place in an option begins with. */
export interface OptionStart {
  readonly desc: AnyDesc;
  /** Where the option is written, if that isn't the element. */
  readonly origin?: AnyDesc;
  readonly steps: readonly Step[];
  readonly option: OptionPath;
  readonly schema: DescMessage | undefined;
}

/** A place in an option whose value is an `M`. */
export class OptionPlace<M> implements Place {
  readonly desc: AnyDesc;
  readonly origin: AnyDesc;
  readonly steps: readonly Step[];
  readonly option: OptionPath;
  readonly #schema: DescMessage | undefined;

  constructor({ desc, origin = desc, steps, option, schema }: OptionStart) {
    this.desc = desc;
    this.origin = origin;
    this.steps = steps;
    this.option = option;
    this.#schema = schema;
  }

  /**
   * The place of one of its fields.
   *
   * @param name as protobuf-es spells it: `maxAttempts`
   * @param part which element of a list, and how many there are; or which entry of a map
   * @throws if the option's message has no such field: a mistake in the caller
   */
  at<Name extends FieldName<M>>(name: Name, part?: ListElement | MapEntry): OptionPlace<Inner<FieldValue<M, Name>>> {
    const field = this.#field(name);
    const parts = part === undefined ? [] : [part];
    return new OptionPlace({
      desc: this.desc,
      origin: this.origin,
      steps: [...this.steps, field.number, ...parts],
      option: { extension: this.option.extension, path: [...this.option.path, field.name, ...parts] },
      schema: field.message,
    });
  }

  /** The same place, of a value that is of a certain message. */
  as(schema: DescMessage): OptionPlace<unknown> {
    return new OptionPlace({ ...this, schema });
  }

  #field(name: string): DescField {
    const field = this.#schema?.fields.find((candidate) => candidate.localName === name);
    if (field === undefined) {
      throw new Error(`${this.#schema?.typeName ?? "a scalar"} has no field ${name}`);
    }
    return field;
  }
}
