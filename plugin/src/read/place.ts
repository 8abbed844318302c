import type { AnyDesc, DescField, DescMessage, Message } from "@bufbuild/protobuf";

/**
 * One step from an option to a value in it: a field number, or an element of a list. The list's length belongs to the
 * step, since compilers give one location for several elements (see `source-index.ts`).
 */
export type Step = number | { readonly index: number; readonly of: number };

/** Somewhere in a proto file that a diagnostic can point at. Finding its line costs something, so that is done last. */
export interface Place {
  /** The element, whose waivers count. */
  readonly desc: AnyDesc;
  /** From the element's descriptor proto to the value; empty for the element itself. */
  readonly steps: readonly Step[];
}

/** The place of an element itself: its name, where it has one. */
export function elementPlace(desc: AnyDesc): Place {
  return { desc, steps: [] };
}

// The values of a oneof are fields too, though protobuf-es groups them.
type OneofCase<M> = Extract<M[keyof M], { case: string; value: unknown }>;
type FieldName<M> = Exclude<Extract<keyof M, string>, "$typeName" | "$unknown"> | OneofCase<M>["case"];
type FieldValue<M, Name> = Name extends keyof M ? NonNullable<M[Name]> : Extract<OneofCase<M>, { case: Name }>["value"];
type ElementOf<T> = T extends readonly (infer Element)[] ? Element : T extends Record<string, infer Value> ? Value : T;
type Inner<T> = T extends Message ? T : T extends readonly unknown[] | Record<string, unknown> ? ElementOf<T> : T;

/** A place in an option whose value is an `M`. */
export class OptionPlace<M> implements Place {
  readonly desc: AnyDesc;
  readonly steps: readonly Step[];
  readonly #schema: DescMessage | undefined;
  // No compiler says where in a map entry a value stands: places in it are the entry's own.
  readonly #inMap: boolean;

  constructor(desc: AnyDesc, steps: readonly Step[], schema: DescMessage | undefined, inMap = false) {
    this.desc = desc;
    this.steps = steps;
    this.#schema = schema;
    this.#inMap = inMap;
  }

  /**
   * The place of one of its fields.
   *
   * @param name as protobuf-es spells it: `maxAttempts`
   * @param element which element of a list, and how many there are
   * @throws if the option's message has no such field: a mistake in the caller
   */
  at<Name extends FieldName<M>>(
    name: Name,
    element?: { readonly index: number; readonly of: number },
  ): OptionPlace<Inner<FieldValue<M, Name>>> {
    const field = this.#field(name);
    if (this.#inMap) {
      return new OptionPlace(this.desc, this.steps, field.message, true);
    }
    const steps = element === undefined ? [...this.steps, field.number] : [...this.steps, field.number, element];
    return new OptionPlace(this.desc, steps, field.message, field.fieldKind === "map");
  }

  #field(name: string): DescField {
    const field = this.#schema?.fields.find((candidate) => candidate.localName === name);
    if (field === undefined) {
      throw new Error(`${this.#schema?.typeName ?? "a scalar"} has no field ${name}`);
    }
    return field;
  }
}
