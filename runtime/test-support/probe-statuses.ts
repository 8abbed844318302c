import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata } from "@grpc/grpc-js";
import { STATUS_DETAILS_TRAILER } from "../src/errors/status-details.js";
import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../src/gen/google/rpc/status_pb.js";
import { Status } from "../src/wire/status.js";
import { PROBE_DOMAIN } from "./probe-errors.js";

/** Trailers with an encoded `google.rpc.Status`. */
export function trailersWith(status: MessageInitShape<typeof StatusSchema>): Metadata {
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS_TRAILER, Buffer.from(toBinary(StatusSchema, create(StatusSchema, status))));
  return metadata;
}

/** A packed ErrorInfo. */
export function errorInfo(reason: string, metadata: Record<string, string> = {}, domain: string = PROBE_DOMAIN): Any {
  return anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain, metadata }));
}

/** What a raw grpc-js handler fails with to send INSUFFICIENT_FUNDS. */
export function insufficientFunds(): { code: Status; details: string; metadata: Metadata } {
  const details = [errorInfo("INSUFFICIENT_FUNDS", { balance: "5", amount: "7" })];
  return {
    code: Status.FAILED_PRECONDITION,
    details: "Balance 5 is below 7",
    metadata: trailersWith({ code: Status.FAILED_PRECONDITION, message: "Balance 5 is below 7", details }),
  };
}
