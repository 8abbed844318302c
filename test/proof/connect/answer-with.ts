import type { Any } from "@bufbuild/protobuf/wkt";
import { declaredStatus } from "../declared-status.js";
import * as errors from "../gen/connect/connectrpc/conformance/v1/errors.js";
import type { Error as ConformanceError } from "../gen/connect/connectrpc/conformance/v1/service_pb.js";

/**
 * The error that a handler throws to answer as the suite asks: a status, a text, details.
 *
 * TODAY: a declared error carries no details of one's own, so the suite's are lost, and the cases that look for them are known
 * failures. When there is a way to answer with any status and details, this function is the one place to use it.
 */
export function answerWith({ code, message }: ConformanceError, _details: readonly Any[]): Error {
  return declaredStatus(errors, code, message);
}
