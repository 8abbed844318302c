import { type Status, StatusError } from "@accord-grpc/runtime";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Error as ConformanceError } from "../gen/connect/connectrpc/conformance/v1/service_pb.js";

/** The error that a handler throws to answer as the suite asks: a status, a text, details. */
export function answerWith({ code, message = "" }: ConformanceError, details: readonly Any[]): StatusError {
  return new StatusError(code as number as Status, message, { details });
}
