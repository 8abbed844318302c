import type { ContractError } from "@accord-grpc/runtime";
import type { Any } from "@bufbuild/protobuf/wkt";
import * as errors from "../gen/connect/connectrpc/conformance/v1/errors.js";
import type { Error as ConformanceError } from "../gen/connect/connectrpc/conformance/v1/service_pb.js";

/**
 * The error that a handler throws to answer as the suite asks: a status, a text, details.
 *
 * TODAY: a declared error carries no details of one's own, so the suite's are lost, and the cases that look for them are known
 * failures. When there is a way to answer with any status and details, this function is the one place to use it.
 */
export function answerWith({ code, message }: ConformanceError, _details: readonly Any[]): Error {
  const Declared = DECLARED[code];
  if (Declared === undefined) {
    return new Error(`The suite asks for the status ${code}, which doesn't exist`);
  }
  return new Declared({}, { message });
}

type DeclaredClass = new (metadata: Record<never, never>, options: { message: string | undefined }) => ContractError;

const DECLARED: Readonly<Record<number, DeclaredClass>> = {
  1: errors.AsCancelledError,
  2: errors.AsUnknownError,
  3: errors.AsInvalidArgumentError,
  4: errors.AsDeadlineExceededError,
  5: errors.AsNotFoundError,
  6: errors.AsAlreadyExistsError,
  7: errors.AsPermissionDeniedError,
  8: errors.AsResourceExhaustedError,
  9: errors.AsFailedPreconditionError,
  10: errors.AsAbortedError,
  11: errors.AsOutOfRangeError,
  12: errors.AsUnimplementedError,
  13: errors.AsInternalError,
  14: errors.AsUnavailableError,
  15: errors.AsDataLossError,
  16: errors.AsUnauthenticatedError,
};
