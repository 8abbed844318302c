import type { ErrorModel } from "../model/model.js";
import type { Printable, TypeScriptFile } from "./typescript-file.js";

/** The classes of errors, imported from the packages that declare them. */
export function errorClasses(file: TypeScriptFile, errors: readonly ErrorModel[]): Printable[] {
  return errors.map((error) => file.generated(error.exception, error.path));
}
