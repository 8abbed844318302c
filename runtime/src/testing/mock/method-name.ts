import type { MockedMethodContract } from "./contract.js";
import { hint } from "./directive.js";

/** A name that no method has, or several. The text is for whoever wrote it. */
export class UnknownMethodError extends Error {
  override readonly name = "UnknownMethodError";
}

/**
 * The method that a name stands for: `ledger.v1.LedgerService/Transfer`, `LedgerService.Transfer`, `Transfer` or `transfer`.
 *
 * @throws {UnknownMethodError} if there is none, or more than one
 */
export function methodNamed(methods: readonly MockedMethodContract[], name: string): MockedMethodContract {
  const wanted = name.replace(/^\//, "").replace("/", ".");
  const found = methods.filter((method) => namesOf(method).includes(wanted));
  const [only] = found;
  if (only === undefined) {
    const names = methods.flatMap(namesOf);
    const shortest = methods.map(({ desc }) => `${desc.parent.name}.${desc.name}`);
    throw new UnknownMethodError(`There is no method ${name}.${hint(wanted, names)} There are ${shortest.join(", ")}.`);
  }
  if (found.length > 1) {
    throw new UnknownMethodError(`${name} may be ${found.map(({ path }) => path).join(" or ")}: say which.`);
  }
  return only;
}

function namesOf({ desc }: MockedMethodContract): string[] {
  const { name, localName, parent } = desc;
  return [name, localName, `${parent.name}.${name}`, `${parent.typeName}.${name}`];
}
