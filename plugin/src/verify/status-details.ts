import {
  DebugInfoSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  type Status,
  StatusSchema,
} from "@accord-grpc/runtime/google-rpc";
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Answer } from "./answer.js";

/** What a status carries beside its code and its text. */
export interface StatusDetails {
  readonly status: Status;
  readonly info:
    | { readonly reason: string; readonly domain: string; readonly metadata: Readonly<Record<string, string>> }
    | undefined;
  /** `google.rpc.RetryInfo`, in milliseconds. */
  readonly retryDelayMs: number | undefined;
  /** Full names of the details' messages. */
  readonly types: readonly string[];
  /** The texts in it that a caller could read. */
  readonly texts: readonly string[];
  /** Whether there is a `google.rpc.DebugInfo` with something in it. */
  readonly hasDebugInfo: boolean;
}

/** Reads `grpc-status-details-bin`; undefined if there is none, "undecodable" if it is none. */
export function statusDetails({ trailers }: Answer): StatusDetails | "undecodable" | undefined {
  const header = trailers?.["grpc-status-details-bin"];
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined || text === "") {
    return undefined;
  }
  try {
    return readDetails(fromBinary(StatusSchema, Buffer.from(text, "base64")));
  } catch {
    return "undecodable";
  }
}

function readDetails(status: Status): StatusDetails {
  const [info] = status.details.flatMap((any) => anyUnpack(any, ErrorInfoSchema) ?? []);
  const [retry] = status.details.flatMap((any) => anyUnpack(any, RetryInfoSchema) ?? []);
  const debug = status.details.flatMap((any) => anyUnpack(any, DebugInfoSchema) ?? []);
  const delay = retry?.retryDelay;
  return {
    status,
    info,
    retryDelayMs: delay === undefined ? undefined : Number(delay.seconds) * 1000 + delay.nanos / 1e6,
    types: status.details.map(({ typeUrl }) => typeUrl.slice(typeUrl.lastIndexOf("/") + 1)),
    texts: [status.message, ...Object.values(info?.metadata ?? {}), ...debug.map(({ detail }) => detail)],
    hasDebugInfo: debug.some(({ detail, stackEntries }) => detail !== "" || stackEntries.length > 0),
  };
}
