import { nearest } from "@accord-grpc/runtime/contract";
import type { VerifyMethod } from "./verify-method.js";

/** A name that is no method's, with what to say of it. */
export class MethodNameError extends Error {
  override readonly name = "MethodNameError";
}

/**
 * Finds a method by its name as people write it: `GetAccount`, `LedgerService.GetAccount`, `ledger.v1.LedgerService.GetAccount`, or as
 * it is on the wire, `/ledger.v1.LedgerService/GetAccount`.
 *
 * @throws MethodNameError if there is none, or several
 */
export function selectMethod(methods: readonly VerifyMethod[], wanted: string): VerifyMethod {
  const name = wanted.replace(/^\//, "").replace("/", ".");
  const found = methods.filter(({ subject }) => subject === name || subject.endsWith(`.${name}`));
  const [method] = found;
  if (method === undefined) {
    const names = methods.flatMap(({ subject }) => namesOf(subject));
    const close = nearest(name, names);
    throw new MethodNameError(
      `There is no method "${wanted}" in the contract.${close === undefined ? "" : ` Did you mean ${close}?`}`,
    );
  }
  if (found.length > 1) {
    const all = found.map(({ subject }) => subject).join(", ");
    throw new MethodNameError(`Several methods are called "${wanted}": ${all}. Write one of these.`);
  }
  return method;
}

/** `a.b.S.M`, `S.M`, `M` */
function namesOf(subject: string): string[] {
  const parts = subject.split(".");
  return [subject, parts.slice(-2).join("."), parts.slice(-1).join(".")];
}
