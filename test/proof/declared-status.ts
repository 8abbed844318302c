import { type ContractError, type Status, statusName } from "@accord-grpc/runtime";

/** The `errors.ts` that is generated of a catalogue with an error for each status. */
export type StatusClasses = Readonly<Record<string, unknown>>;

/**
 * The error that a handler throws to answer with a status by its number, and a text.
 *
 * TODAY: what can be thrown to answer with a status is a declared error. When there is an error for any status, with details of one's
 * own, this file and `status-catalog.ts` can go, and `connect/answer-with.ts` and `interop/servicer.ts` throw that one.
 */
export function declaredStatus(classes: StatusClasses, code: number, message: string | undefined): Error {
  const name = statusName(code as Status).replace(/([A-Z])([A-Z]*)_?/g, (_, first, rest) => first + rest.toLowerCase());
  const Declared = classes[`As${name}Error`] as StatusClass | undefined;
  if (Declared === undefined) {
    return new Error(`A status ${code} doesn't exist`);
  }
  return new Declared({}, { message });
}

type StatusClass = new (metadata: Record<never, never>, options: { message: string | undefined }) => ContractError;
