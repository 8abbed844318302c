import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorInfoSchema } from "../../../../runtime/src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../../../../runtime/src/gen/google/rpc/status_pb.js";

// A rich error without a framework: an error class, and `google.rpc.Status` packed and unpacked by hand.

/** The declared error, on both sides. */
export class InsufficientFunds extends Error {
  readonly balance: string;
  readonly amount: string;

  constructor(balance: string, amount: string) {
    super(`Balance ${balance} is below ${amount}`);
    this.balance = balance;
    this.amount = amount;
  }
}

const TRAILER = "grpc-status-details-bin";

/** What a handler gives grpc-js for an error. */
export function packed(error: InsufficientFunds): { code: status; details: string; metadata: Metadata } {
  const { message, balance, amount } = error;
  const info = create(ErrorInfoSchema, {
    reason: "INSUFFICIENT_FUNDS",
    domain: "bench.example.com",
    metadata: { balance, amount },
  });
  const code = status.FAILED_PRECONDITION;
  const rich = create(StatusSchema, { code, message, details: [anyPack(ErrorInfoSchema, info)] });
  const metadata = new Metadata();
  metadata.set(TRAILER, Buffer.from(toBinary(StatusSchema, rich)));
  return { code, details: message, metadata };
}

/** What a caller makes of grpc-js's error. */
export function unpacked(error: ServiceError): Error {
  const [bytes] = error.metadata.get(TRAILER);
  if (!(bytes instanceof Uint8Array)) {
    return error;
  }
  for (const detail of fromBinary(StatusSchema, bytes).details) {
    const info = anyUnpack(detail, ErrorInfoSchema);
    if (info?.reason === "INSUFFICIENT_FUNDS") {
      return new InsufficientFunds(info.metadata.balance ?? "", info.metadata.amount ?? "");
    }
  }
  return error;
}
