import type { ErrorModel } from "../model/model.js";
import { REFUSAL_KEYS } from "../resolve/validation.js";
import { brackets } from "./typescript/layout-group.js";
import { stringLiteral } from "./typescript/text.js";
import type { Printable, TypeScriptFile } from "./typescript/typescript-file.js";

/** The classes of errors, imported from the packages that declare them. */
export function errorClasses(file: TypeScriptFile, errors: readonly ErrorModel[]): Printable[] {
  return errors.map((error) => file.generated(error.exception, error.path));
}

/** The metadata of an error that refuses requests, `["field", "problem"]`, if it hasn't all that a broken rule gives: one or none. */
export function refusalKeys(metadata: readonly string[]): Printable[] {
  return REFUSAL_KEYS.every((key) => metadata.includes(key)) ? [] : [brackets(metadata.map(stringLiteral))];
}
