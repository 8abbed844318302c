import type { Validation } from "../read/options.js";

/** The code of the error that refuses a request where the contract names none. */
export const INVALID_REQUEST = "INVALID_REQUEST";

/** What the metadata of an error that refuses a request can have: where the first broken rule stands, what it says, its id, how many are. */
export const REFUSAL_KEYS: readonly string[] = ["field", "problem", "rule", "count"];

/** What is said of the checks of a method's requests. */
export interface EffectiveValidation<Name> {
  readonly off: boolean;
  /** The error that refuses a request, if the contract names one. */
  readonly error: Name | undefined;
}

/** A method's `validation`, its service's where it says nothing. */
export function effectiveValidation<Name>(
  own: Validation | undefined,
  inherited: EffectiveValidation<Name> | undefined,
  named: (name: string) => Name,
): EffectiveValidation<Name> {
  return {
    off: own?.off ?? inherited?.off ?? false,
    error: own !== undefined && own.error !== "" ? named(own.error) : inherited?.error,
  };
}
