import { fromBinary, type Registry, toJson } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { ConnectError } from "@connectrpc/connect";
import type { Metadata } from "@grpc/grpc-js";
import { detailTypeName } from "../../errors/error-detail.js";
import { STATUS_DETAILS_TRAILER } from "../../errors/status-details.js";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import type { Status } from "../../wire/status.js";

/**
 * A status as connect's handlers send it: with all details that gRPC's trailers would have.
 *
 * @param types those of google.rpc: such details are also shown as JSON, for people who look at an answer
 */
export function webError(
  Failure: typeof ConnectError,
  types: Registry,
  status: Status,
  message: string,
  trailers: Metadata | undefined,
): ConnectError {
  const error = new Failure(message, status as number);
  error.details = detailsOf(trailers).map((any) => {
    const type = detailTypeName(any);
    const debug = shown(types, type, any);
    return { type, value: any.value, ...(debug === undefined ? undefined : { debug }) };
  });
  return error;
}

function detailsOf(trailers: Metadata | undefined): readonly Any[] {
  const encoded = trailers?.get(STATUS_DETAILS_TRAILER)[0];
  if (!(encoded instanceof Uint8Array)) {
    return [];
  }
  try {
    return fromBinary(StatusSchema, new Uint8Array(encoded)).details;
  } catch {
    // A handler's own trailer: what can't be read can't be sent.
    return [];
  }
}

// A domain's own detail may have fields that are redacted in texts, and this is one. google.rpc's have none.
function shown(types: Registry, type: string, { value }: Any) {
  const desc = type.startsWith("google.rpc.") ? types.getMessage(type) : undefined;
  try {
    return desc && toJson(desc, fromBinary(desc, value), { registry: types });
  } catch {
    return undefined;
  }
}
