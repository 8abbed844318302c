import type { ErrorCategory } from "../src/contract/error-category.js";
import { ContractError, type ContractErrorOptions, type ErrorMetadata } from "../src/errors/contract-error.js";
import { defineErrorMap } from "../src/errors/error-map.js";
import { Status } from "../src/wire/status.js";
import { ProbeErrorDetailSchema } from "./gen/probe/v1/probe_pb.js";

// What the plugin generates for a package, by hand and for tests.

export abstract class ProbeError<Metadata extends ErrorMetadata = ErrorMetadata> extends ContractError<Metadata> {}

export class ProbeUnavailableError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}
export class ProbeInvalidArgumentError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}
export class ProbeConflictError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}
export class ProbeNotFoundError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}
export class ProbeFailedPreconditionError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}
export class ProbePermissionDeniedError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}
export class ProbeUnauthenticatedError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}
export class ProbeResourceExhaustedError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}
export class ProbeCancelledError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}
export class ProbeUnknownError<M extends ErrorMetadata = ErrorMetadata> extends ProbeError<M> {}

export const PROBE_CATEGORIES = {
  Unavailable: ProbeUnavailableError,
  InvalidArgument: ProbeInvalidArgumentError,
  Conflict: ProbeConflictError,
  NotFound: ProbeNotFoundError,
  FailedPrecondition: ProbeFailedPreconditionError,
  PermissionDenied: ProbePermissionDeniedError,
  Unauthenticated: ProbeUnauthenticatedError,
  ResourceExhausted: ProbeResourceExhaustedError,
  Cancelled: ProbeCancelledError,
  Unknown: ProbeUnknownError,
} satisfies Record<ErrorCategory, unknown>;

export type InsufficientFundsMetadata = { readonly balance: string; readonly amount: string };

export class InsufficientFundsError extends ProbeFailedPreconditionError<InsufficientFundsMetadata> {
  override readonly code = "INSUFFICIENT_FUNDS";

  constructor(metadata: InsufficientFundsMetadata, options?: ContractErrorOptions) {
    super(
      {
        code: "INSUFFICIENT_FUNDS",
        status: Status.FAILED_PRECONDITION,
        message: `Balance ${metadata.balance} is below ${metadata.amount}`,
        metadata,
      },
      options,
    );
  }
}

export class DuplicateRequestError extends ProbeConflictError {
  override readonly code = "DUPLICATE_REQUEST";

  constructor(metadata: ErrorMetadata = {}, options?: ContractErrorOptions) {
    super(
      { code: "DUPLICATE_REQUEST", status: Status.ALREADY_EXISTS, message: "Duplicate request", metadata },
      options,
    );
  }
}

export class AuditFullError extends ProbeResourceExhaustedError {
  override readonly code = "AUDIT_FULL";

  constructor(metadata: ErrorMetadata = {}, options?: ContractErrorOptions) {
    super({ code: "AUDIT_FULL", status: Status.RESOURCE_EXHAUSTED, message: "Audit full", metadata }, options);
  }
}

export const AUDIT_DOMAIN = "audit.example.com";
export const PROBE_DOMAIN = "probe.example.com";

export const AUDIT_ERROR_MAP = defineErrorMap({
  domain: AUDIT_DOMAIN,
  errors: [
    {
      exception: AuditFullError,
      status: Status.RESOURCE_EXHAUSTED,
      code: "AUDIT_FULL",
      message: "Audit full",
      metadata: [],
    },
  ],
  categories: PROBE_CATEGORIES,
});

export const PROBE_ERROR_MAP = defineErrorMap({
  domain: PROBE_DOMAIN,
  detail: ProbeErrorDetailSchema,
  errors: [
    {
      exception: InsufficientFundsError,
      status: Status.FAILED_PRECONDITION,
      code: "INSUFFICIENT_FUNDS",
      message: "Balance {balance} is below {amount}",
      metadata: ["balance", "amount"],
    },
    {
      exception: DuplicateRequestError,
      status: Status.ALREADY_EXISTS,
      code: "DUPLICATE_REQUEST",
      message: "Duplicate request",
      metadata: [],
    },
  ],
  categories: PROBE_CATEGORIES,
  imports: () => [AUDIT_ERROR_MAP],
});
