import type { DescEnum, DescMessage } from "@bufbuild/protobuf";
import { CATEGORY_OF_STATUS, type ErrorCategory } from "../contract/error-category.js";
import { type Status, statusName } from "../wire/status.js";
import { unawaited } from "../wire/unawaited.js";
import { ContractError, type ContractErrorInit, type ContractErrorOptions } from "./contract-error.js";

/** The class of a declared error. Its constructor takes the metadata that the contract declares. */
// The parameter is `never` because each class has its own metadata; the runtime builds it from the entry's keys.
export type DeclaredErrorClass<E extends ContractError = ContractError> = new (
  metadata: never,
  options?: ContractErrorOptions,
) => E;

/** The class of a category: what an error becomes whose code the contract doesn't know. */
export type CategoryErrorClass = new (init: ContractErrorInit, options?: ContractErrorOptions) => ContractError;

/** One line of an error map: exception → (status, business code, message). */
export interface ErrorMapEntry {
  readonly exception: DeclaredErrorClass;
  readonly status: Status;
  readonly code: string;
  /** With a `{key}` for each value of the metadata that it shows. */
  readonly message: string;
  readonly metadata: readonly string[];
  /** Sent as `google.rpc.RetryInfo` and as pushback, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Sends the pushback -1, which ends all retries of the call (gRFC A6). */
  readonly neverResend?: boolean;
  /** Sent as `google.rpc.Help`. */
  readonly docUrl?: string;
  /** The messages that the error may carry beside ErrorInfo. Reflection serves their files. */
  readonly details?: readonly DescMessage[];
}

/** What {@link defineErrorMap} is given. */
export interface ErrorMapInit {
  /** `google.rpc.ErrorInfo.domain` */
  readonly domain: string;
  /** The user's own detail message, packed beside ErrorInfo. */
  readonly detail?: DescMessage;
  /** The catalogue. Reflection serves its file. */
  readonly catalog?: DescEnum;
  readonly errors: readonly ErrorMapEntry[];
  readonly categories: Readonly<Record<ErrorCategory, CategoryErrorClass>>;
  /**
   * Error maps of other packages whose errors methods of this one declare. A function, asked when a call needs it: two
   * packages may import each other's, and then one module is evaluated before the other.
   */
  readonly imports?: () => readonly ErrorMap[];
}

/**
 * Maps an error of the user's own (a driver's, say) to a declared one:
 * `[UniqueViolation, (error: UniqueViolation) => new DuplicateRequestError(…)]`.
 *
 * A converter that returns `undefined`, or its argument, leaves the error what it was. Use {@link errorPair} to have the
 * parameter's type inferred.
 */
// A method's parameters are compared in both directions, so pairs of different error classes fit into one list.
export type ErrorPair<E = unknown> = readonly [
  exception: abstract new (...args: never[]) => E,
  convert: { convert(error: E): unknown }["convert"],
];

/** An {@link ErrorPair} whose converter knows the type of its error. */
export function errorPair<E>(
  exception: abstract new (...args: never[]) => E,
  convert: (error: E) => unknown,
): ErrorPair {
  return [exception, convert];
}

/** A line of an error map, with the map that it belongs to: an imported one keeps its own domain and detail. */
export interface MappedError {
  readonly entry: ErrorMapEntry;
  readonly map: ErrorMap;
}

/** What the user's pairs made of an error. */
export interface ConvertedError {
  /** The error to go on with: the one that was given, if no pair fits it. */
  readonly error: unknown;
  /** What a pair's converter threw. The error above is then the one that was given. */
  readonly failedWith?: unknown;
}

/** The errors of a package: exception → (status, business code, message), and the way back. */
export interface ErrorMap {
  readonly domain: string;
  readonly detail: DescMessage | undefined;
  readonly catalog: DescEnum | undefined;
  readonly entries: readonly ErrorMapEntry[];
  readonly categories: Readonly<Record<ErrorCategory, CategoryErrorClass>>;
  /** The error maps whose errors methods of this package declare too. What those import in turn isn't this package's. */
  readonly imports: readonly ErrorMap[];
  /** A map that also knows the user's pairs. The most derived class wins, wherever it stands in the list. */
  extend(pairs: readonly ErrorPair[] | undefined): ErrorMap;
  /** Applies the user's pairs. Never throws. */
  convert(error: unknown): ConvertedError;
  /** The line of an error's class, or of its nearest superclass that has one; imported maps included. */
  entryOf(error: ContractError): MappedError | undefined;
  /** The line of a business code: of `domain` if it is named, else this map's own before those of imported maps. */
  entryByCode(code: string, domain?: string): MappedError | undefined;
  /** This map's class for errors whose code the contract doesn't know. */
  categoryOf(status: Status): CategoryErrorClass;
}

/** Makes a package's error map. Generated code calls it. */
export function defineErrorMap(init: ErrorMapInit): ErrorMap {
  return new DefinedErrorMap(init, []);
}

class DefinedErrorMap implements ErrorMap {
  readonly domain: string;
  readonly detail: DescMessage | undefined;
  readonly catalog: DescEnum | undefined;
  readonly entries: readonly ErrorMapEntry[];
  readonly categories: Readonly<Record<ErrorCategory, CategoryErrorClass>>;
  readonly #init: ErrorMapInit;
  readonly #pairs: readonly ErrorPair[];
  readonly #byClass = new Map<unknown, MappedError>();
  readonly #byCode = new Map<string, MappedError>();
  #imported: readonly MappedError[] | undefined;

  constructor(init: ErrorMapInit, pairs: readonly ErrorPair[]) {
    this.domain = init.domain;
    this.detail = init.detail;
    this.catalog = init.catalog;
    this.entries = init.errors;
    this.categories = init.categories;
    this.#init = init;
    this.#pairs = pairs;
    for (const entry of init.errors) {
      const mapped = { entry, map: this };
      this.#byClass.set(entry.exception, mapped);
      this.#byCode.set(entry.code, mapped);
    }
  }

  get imports(): readonly ErrorMap[] {
    return this.#init.imports?.() ?? [];
  }

  extend(pairs: readonly ErrorPair[] | undefined): ErrorMap {
    if (pairs === undefined || pairs.length === 0) {
      return this;
    }
    // Of two pairs for one class, the one added last wins.
    return new DefinedErrorMap(this.#init, mostDerivedFirst([...pairs, ...this.#pairs]));
  }

  convert(error: unknown): ConvertedError {
    return convertByPairs(error, this.#pairs);
  }

  entryOf(error: ContractError): MappedError | undefined {
    let prototype: unknown = Object.getPrototypeOf(error);
    while (typeof prototype === "object" && prototype !== null) {
      const errorClass: unknown = prototype.constructor;
      const mapped =
        this.#byClass.get(errorClass) ?? this.#importedErrors().find(({ entry }) => entry.exception === errorClass);
      if (mapped !== undefined) {
        return mapped;
      }
      prototype = Object.getPrototypeOf(prototype);
    }
    return undefined;
  }

  entryByCode(code: string, domain?: string): MappedError | undefined {
    const own = domain === undefined || domain === this.domain ? this.#byCode.get(code) : undefined;
    return (
      own ??
      this.#importedErrors().find(
        ({ entry, map }) => entry.code === code && (domain === undefined || domain === map.domain),
      )
    );
  }

  #importedErrors(): readonly MappedError[] {
    this.#imported ??= this.imports.flatMap((map) => map.entries.map((entry) => ({ entry, map })));
    return this.#imported;
  }

  categoryOf(status: Status): CategoryErrorClass {
    return this.categories[CATEGORY_OF_STATUS[statusName(status)]];
  }
}

/**
 * Orders pairs so that the first that fits an error is the one for its most derived class.
 *
 * @throws {TypeError} if one of them isn't a class and a function
 */
export function mostDerivedFirst(pairs: readonly ErrorPair[]): readonly ErrorPair[] {
  for (const [index, pair] of pairs.entries()) {
    if (!Array.isArray(pair) || typeof pair[0] !== "function" || typeof pair[1] !== "function") {
      throw new TypeError(`errors[${index}] must be a pair: [the class of the error, (error) => the declared one]`);
    }
  }
  // The sort is stable: pairs for equally derived classes stay as they are.
  return [...pairs].sort((a, b) => prototypeDepth(b[0]) - prototypeDepth(a[0]));
}

/** Applies the first pair that fits. Never throws. */
export function convertByPairs(error: unknown, pairs: readonly ErrorPair[]): ConvertedError {
  // An error of a contract is one already, even if a pair names one of its base classes (Error, say).
  if (error instanceof ContractError && !error.remote) {
    return { error };
  }
  for (const [exception, convert] of pairs) {
    try {
      if (error instanceof exception) {
        return { error: convertedBy(convert, error) };
      }
    } catch (failedWith) {
      return { error, failedWith };
    }
  }
  return { error };
}

/** @throws {TypeError} if the converter answers with neither an error nor nothing */
function convertedBy(convert: ErrorPair["1"], error: unknown): unknown {
  const answer = convert(error);
  if (answer === undefined || answer === null || answer === error) {
    return error;
  }
  // Errors of another realm count as well: Jest's tests run in one.
  if (answer instanceof Error || answer instanceof ContractError || isForeignError(answer)) {
    return answer;
  }
  unawaited(answer);
  throw new TypeError(`The converter returned a ${typeof answer}: it must return an error, at once, or undefined`);
}

function isForeignError(value: unknown): value is Error {
  return Object.prototype.toString.call(value) === "[object Error]";
}

function prototypeDepth(exception: abstract new (...args: never[]) => unknown): number {
  let depth = 0;
  let prototype: unknown = exception.prototype;
  while (typeof prototype === "object" && prototype !== null) {
    depth += 1;
    prototype = Object.getPrototypeOf(prototype);
  }
  return depth;
}
