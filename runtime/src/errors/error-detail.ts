import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { type Any, anyIs, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";

/** A detail that an error's class declares, and what the error is given of it; `undefined`: nothing. */
export type DeclaredDetail = readonly [schema: DescMessage, init: MessageInitShape<DescMessage> | undefined];

/** An error that has no details. */
export const NO_DETAILS: readonly Any[] = [];

/**
 * Takes the details that somebody gives an error.
 *
 * @throws {TypeError} if one of them isn't a packed message
 */
export function checkedDetails(details: readonly Any[]): readonly Any[] {
  if (!Array.isArray(details)) {
    throw new TypeError("An error's details are a list of packed messages: [anyPack(BadRequestSchema, …)]");
  }
  details.forEach((detail: Partial<Any> | null | undefined, index) => {
    if (typeof detail?.typeUrl !== "string" || detail.typeUrl === "" || !(detail.value instanceof Uint8Array)) {
      throw new TypeError(`An error's details[${index}] isn't a packed message. Pack it: anyPack(BadRequestSchema, …)`);
    }
  });
  return details.length === 0 ? NO_DETAILS : [...details];
}

/**
 * Puts the details that an error's class declares before those that it is given besides. Generated constructors call it.
 *
 * @throws if one of them can't be encoded
 */
export function withDetails(
  others: readonly Any[] | undefined,
  ...declared: readonly DeclaredDetail[]
): readonly Any[] | undefined {
  const packed = declared.flatMap(([schema, init]) =>
    init === undefined ? [] : [anyPack(schema, create(schema, init))],
  );
  return packed.length === 0 ? others : [...packed, ...(others ?? NO_DETAILS)];
}

/** The first detail of a type; `undefined` if there is none, or it can't be decoded. Never throws. */
export function findDetail<Desc extends DescMessage>(
  details: readonly Any[],
  schema: Desc,
): MessageShape<Desc> | undefined {
  const detail = details.find((each) => anyIs(each, schema));
  try {
    return detail && anyUnpack(detail, schema);
  } catch {
    return undefined;
  }
}

/** The full name of a detail's type: `google.rpc.BadRequest`. */
export function detailTypeName({ typeUrl }: Any): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}
