import type { ErrorCategory } from "../contract/error-category.js";
import type { ContractError, ContractErrorInit, ContractErrorOptions, ErrorMetadata } from "./contract-error.js";
import { nameClass } from "./name-class.js";

/**
 * A category's class in generated code, which declared errors extend. That its instances name the category is what tells them from
 * the package's other errors where `instanceof` is answered with no.
 */
export type CategoryBase<Category extends ErrorCategory = ErrorCategory> = new <
  Metadata extends ErrorMetadata = ErrorMetadata,
>(
  init: ContractErrorInit<Metadata>,
  options?: ContractErrorOptions,
) => ContractError<Metadata> & { readonly category: Category };

/** A package's classes of errors that share a treatment. */
export type CategoryErrors = { readonly [Category in ErrorCategory]: CategoryBase<Category> };

/**
 * Makes a package's classes of categories: `LedgerUnavailableError` of the category `Unavailable`. Generated code calls it.
 *
 * @param base what they extend: the package's own class of errors
 * @param prefix what their names begin with: `Ledger`
 */
export function categoryErrors(
  base: abstract new <Metadata extends ErrorMetadata>(
    init: ContractErrorInit<Metadata>,
    options?: ContractErrorOptions,
  ) => ContractError<Metadata>,
  prefix: string,
): CategoryErrors {
  const classOf = <Category extends ErrorCategory>(category: Category): CategoryBase<Category> => {
    const errorClass = class<Metadata extends ErrorMetadata = ErrorMetadata> extends base<Metadata> {};
    nameClass(errorClass, `${prefix}${category}Error`);
    return errorClass as CategoryBase<Category>;
  };
  return {
    Unavailable: classOf("Unavailable"),
    InvalidArgument: classOf("InvalidArgument"),
    Conflict: classOf("Conflict"),
    NotFound: classOf("NotFound"),
    FailedPrecondition: classOf("FailedPrecondition"),
    PermissionDenied: classOf("PermissionDenied"),
    Unauthenticated: classOf("Unauthenticated"),
    ResourceExhausted: classOf("ResourceExhausted"),
    Cancelled: classOf("Cancelled"),
    Unknown: classOf("Unknown"),
  };
}
