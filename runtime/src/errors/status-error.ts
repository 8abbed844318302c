import { normalizeStatus, Status } from "../wire/status.js";
import { hasBrand } from "./brand.js";
import type { ContractError } from "./contract-error.js";
import { DetailedError, type DetailedErrorOptions } from "./detailed-error.js";

const BRAND = Symbol.for("accord.StatusError");

/**
 * A status, message and details of a handler's own, which no contract declares: for services that are being moved over, and
 * for those that only hand on what others say.
 *
 * It leaves as it is where the service was bound with its status in `passThrough`, and as INTERNAL elsewhere, as all that a
 * contract doesn't know.
 *
 * Its details are all that is sent as details: there is no ErrorInfo beside them. `instanceof StatusError` also recognises
 * errors made by another copy of this package.
 */
export class StatusError extends DetailedError {
  readonly status: Status;

  /** @throws {TypeError} if the status isn't one that an error can have, or a detail isn't a packed message */
  constructor(status: Status, message: string, options: DetailedErrorOptions = {}) {
    super(String(message), options);
    if (status === Status.OK || normalizeStatus(status) !== status) {
      throw new TypeError(
        `A StatusError has a status from CANCELLED (1) to UNAUTHENTICATED (16); it is ${String(status)}`,
      );
    }
    this.name = "StatusError";
    this.status = status;
  }

  /** What another server answered, to be handed on as it came: its status, its message and all of its details. */
  static from(error: ContractError): StatusError {
    return new StatusError(error.status, error.message, { details: error.details, cause: error });
  }

  /** @internal marks instances across copies of this package */
  get [BRAND](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: `this` is the class on the right of `instanceof`
    return this === StatusError ? hasBrand(value, BRAND) : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}
