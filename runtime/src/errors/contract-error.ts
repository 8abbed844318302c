import { CATEGORY_OF_STATUS, type ErrorCategory } from "../contract/error-category.js";
import { type Status, statusName } from "../wire/status.js";
import { hasBrand } from "./brand.js";
import { DetailedError, type DetailedErrorOptions } from "./detailed-error.js";

/** What an error carries: `google.rpc.ErrorInfo.metadata`. */
export type ErrorMetadata = Readonly<Record<string, string>>;

/** What makes up an error on the wire. Generated constructors fill it in. */
export interface ContractErrorInit<Metadata extends ErrorMetadata = ErrorMetadata> {
  /** The business code: `INSUFFICIENT_FUNDS`. */
  readonly code: string;
  readonly status: Status;
  readonly message: string;
  readonly metadata?: Metadata | undefined;
}

/** What a caller may add when it constructs an error. */
export interface ContractErrorOptions extends DetailedErrorOptions {
  /** Replaces the contract's message. It is sent to the caller, so nothing internal belongs in it. */
  readonly message?: string | undefined;
  /** Replaces the contract's `retry_after`, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Set by the client: the error was read from a status that a peer sent. */
  readonly remote?: boolean | undefined;
  /** Set by the client: how many responses of a stream its reader had had before. */
  readonly received?: number | undefined;
}

const BRAND = Symbol.for("accord.ContractError");

/**
 * The base of all generated errors: the same classes are thrown by a servicer and by its clients.
 *
 * `instanceof ContractError` also recognises errors made by another copy of this package (ESM beside CommonJS, say).
 */
export abstract class ContractError<Metadata extends ErrorMetadata = ErrorMetadata> extends DetailedError {
  /** The business code. A declared error's class narrows it to its own. */
  readonly code: string;
  /** The gRPC status that the error travels under. */
  readonly status: Status;
  /** What the error carries; empty if it declares nothing. */
  readonly metadata: Metadata;
  /** How long to wait before trying again, in milliseconds, if the error says so. */
  readonly retryAfterMs: number | undefined;
  /** Whether a peer sent this error, rather than this process having made it. */
  readonly remote: boolean;
  /** How many responses the reader of a stream had had when it ended so; `undefined` for what ended no stream. */
  readonly received: number | undefined;

  /** @throws {TypeError} if a detail isn't a packed message */
  constructor(init: ContractErrorInit<Metadata>, options: ContractErrorOptions = {}) {
    super(String(options.message ?? init.message), options);
    this.name = new.target.name;
    this.code = init.code;
    this.status = init.status;
    this.metadata = init.metadata ?? ({} as Metadata);
    this.retryAfterMs = options.retryAfterMs;
    this.remote = options.remote ?? false;
    this.received = options.received;
  }

  /** The class of treatment that its status calls for. A package's class of that category narrows it. */
  get category(): ErrorCategory {
    return CATEGORY_OF_STATUS[statusName(this.status)];
  }

  /** @internal marks instances across copies of this package */
  get [BRAND](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // Only the base is recognised by its brand: subclasses keep the ordinary meaning of `instanceof`.
    // biome-ignore lint/complexity/noThisInStatic: `this` is the class on the right of `instanceof`
    if (this !== ContractError) {
      // biome-ignore lint/complexity/noThisInStatic: a subclass, which is asked as any class is
      return Function.prototype[Symbol.hasInstance].call(this, value);
    }
    return hasBrand(value, BRAND);
  }
}
