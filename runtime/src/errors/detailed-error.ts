import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { checkedDetails, findDetail, NO_DETAILS } from "./error-detail.js";

/** What any error may be given that can be sent. */
export interface DetailedErrorOptions {
  /** `[anyPack(BadRequestSchema, …)]`. They are sent to the caller. */
  readonly details?: readonly Any[] | undefined;
  /** What led to the error. It stays in the process: it is logged, and never sent. */
  readonly cause?: unknown;
}

/** An error with details, as `google.rpc.Status` carries them. */
export abstract class DetailedError extends Error {
  // Private, so that whoever logs the error doesn't print what may be redacted.
  readonly #details: readonly Any[];

  /** @throws {TypeError} if a detail isn't a packed message */
  constructor(message: string, options: DetailedErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.#details = options.details === undefined ? NO_DETAILS : checkedDetails(options.details);
  }

  /**
   * The error's details: those that it was given, or all that a peer sent, `google.rpc.ErrorInfo` among them. Each is its
   * type's URL and its bytes, whether anybody here knows the type or not.
   */
  get details(): readonly Any[] {
    return this.#details;
  }

  /** The first detail of a type; `undefined` if there is none, or it can't be decoded. */
  detail<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> | undefined {
    return findDetail(this.#details, schema);
  }
}
