import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { normalizeStatus, Status } from "../wire/status.js";
import { hasBrand } from "./brand.js";
import type { ContractError } from "./contract-error.js";
import { checkedDetails, findDetail, NO_DETAILS } from "./error-detail.js";

/** What a {@link StatusError} may be given. */
export interface StatusErrorOptions {
  /** What `google.rpc.Status.details` carries, and nothing else: `[anyPack(BadRequestSchema, …)]`. */
  readonly details?: readonly Any[] | undefined;
  /** What led to the error. It stays in the process: it is logged, and never sent. */
  readonly cause?: unknown;
}

const BRAND = Symbol.for("accord.StatusError");

/**
 * A status, message and details of a handler's own, which no contract declares: for services that are being moved over, and
 * for those that only hand on what others say.
 *
 * It leaves as it is where the service was bound with its status in `passThrough`, and as INTERNAL elsewhere, as all that a
 * contract doesn't know.
 *
 * `instanceof StatusError` also recognises errors made by another copy of this package.
 */
export class StatusError extends Error {
  readonly status: Status;
  // Private, so that whoever logs the error doesn't print what may be redacted.
  readonly #details: readonly Any[];

  /** @throws {TypeError} if the status isn't one that an error can have, or a detail isn't a packed message */
  constructor(status: Status, message: string, options: StatusErrorOptions = {}) {
    super(String(message), "cause" in options ? { cause: options.cause } : undefined);
    if (status === Status.OK || normalizeStatus(status) !== status) {
      throw new TypeError(
        `A StatusError has a status from CANCELLED (1) to UNAUTHENTICATED (16); it is ${String(status)}`,
      );
    }
    this.name = "StatusError";
    this.status = status;
    this.#details = options.details === undefined ? NO_DETAILS : checkedDetails(options.details);
  }

  /** What another server answered, to be handed on as it came: its status, its message and all of its details. */
  static from(error: ContractError): StatusError {
    return new StatusError(error.status, error.message, { details: error.details, cause: error });
  }

  /** What `google.rpc.Status.details` carries. */
  get details(): readonly Any[] {
    return this.#details;
  }

  /** The first detail of a type; `undefined` if there is none, or it can't be decoded. */
  detail<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> | undefined {
    return findDetail(this.#details, schema);
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
