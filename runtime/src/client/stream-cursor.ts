import type { DescField, DescMessage, DescMethod } from "@bufbuild/protobuf";
import { clone, create, type MessageInitShape, type MessageShape, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as FieldPresence } from "@bufbuild/protobuf/wkt";

/** The fields by which a stream is resumed, by protobuf-es's local names: of the response, and of the request. */
export interface CursorFields {
  readonly from: string;
  readonly with: string;
}

/** How far a stream of responses has come, by a number that the responses carry. */
export class StreamCursor<Input extends DescMessage, Output extends DescMessage> {
  readonly #input: Input;
  readonly #from: DescField;
  readonly #with: DescField;
  #last: bigint | undefined;
  /** Where the stream of now was to begin behind. */
  #resumedAfter: bigint | undefined;

  /** @throws {Error} if the messages don't have the fields */
  constructor(method: DescMethod & { readonly input: Input; readonly output: Output }, fields: CursorFields) {
    this.#input = method.input;
    this.#from = requireField(method.output, fields.from);
    this.#with = requireField(method.input, fields.with);
  }

  /** Takes note of a response. `false` if it came before the stream broke, and comes once more. */
  passes(response: MessageShape<Output>): boolean {
    const at = numberOf((response as Readonly<Record<string, unknown>>)[this.#from.localName], this.#from);
    if (at === undefined) {
      return true;
    }
    if (this.#resumedAfter !== undefined && at <= this.#resumedAfter) {
      return false;
    }
    if (this.#last === undefined || at > this.#last) {
      this.#last = at;
    }
    return true;
  }

  /** The request for what is still to come: what the caller asked for, if no response has said how far the stream is. */
  resumed(request: MessageInitShape<Input>): MessageInitShape<Input> {
    this.#resumedAfter = this.#last;
    if (this.#last === undefined) {
      return request;
    }
    const next = clone(this.#input, create(this.#input, request));
    Object.assign(next, { [this.#with.localName]: fieldValue(this.#last, this.#with) });
    return next;
  }
}

function requireField(message: DescMessage, name: string): DescField {
  const field = message.field[name];
  if (field === undefined) {
    throw new Error(
      `${message.typeName} has no field ${name}, by which the contract resumes streams: generate the code anew`,
    );
  }
  return field;
}

// A field that can't be left out is 0 where nobody has set it.
function numberOf(value: unknown, field: DescField): bigint | undefined {
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "string") {
    return undefined;
  }
  const number = BigInt(value);
  return number === 0n && field.presence === FieldPresence.IMPLICIT ? undefined : number;
}

const LONG: readonly ScalarType[] = [
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
  ScalarType.SINT64,
];

function fieldValue(number: bigint, field: DescField): bigint | number | string {
  if (field.fieldKind !== "scalar" || !LONG.includes(field.scalar)) {
    return Number(number);
  }
  return field.longAsString ? String(number) : number;
}
