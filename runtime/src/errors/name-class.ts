/**
 * Gives a class its name in the contract. Generated code calls it, and errors get their `name` from their class: what makes code
 * small renames classes.
 */
export function nameClass(errorClass: abstract new (...args: never[]) => Error, name: string): void {
  Object.defineProperty(errorClass, "name", { value: name, configurable: true });
}
