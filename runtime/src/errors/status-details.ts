import {
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { anyIs, anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import type { Metadata } from "@grpc/grpc-js";
import { ErrorInfoSchema, HelpSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { type Status as RpcStatus, StatusSchema } from "../gen/google/rpc/status_pb.js";
import { encodeRpcStatus } from "../wire/rpc-status-bytes.js";
import type { Status } from "../wire/status.js";
import { cutToBytes, wellFormed } from "../wire/text-limits.js";
import type { ErrorMap } from "./error-map.js";

/** The trailer with the encoded `google.rpc.Status`. */
export const STATUS_DETAILS_TRAILER = "grpc-status-details-bin";

/** The trailer with which a server steers retries (gRFC A6): milliseconds to wait, or -1 to stop. */
export const PUSHBACK_TRAILER = "grpc-retry-pushback-ms";

/** The largest `google.rpc.Status` that is sent, in bytes. C-core clients fail above about 6 KB of trailers. */
export const MAX_STATUS_BYTES = 4096;

/** What a rich error says beyond its gRPC status. */
export interface StatusDetails {
  /** `google.rpc.Status.message`; the gRPC status message where there is no rich one. */
  readonly message: string;
  /** The business code, if the details have one. */
  readonly code: string | undefined;
  /** `google.rpc.ErrorInfo.domain` */
  readonly domain: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** `google.rpc.RetryInfo`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** `google.rpc.Help`, its first link. */
  readonly docUrl: string | undefined;
}

/** What {@link packStatusDetails} packs. */
export interface PackableStatus {
  readonly status: Status;
  readonly message: string;
  readonly code: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly domain: string;
  /** The domain's own detail message. */
  readonly detail?: DescMessage | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly docUrl?: string | undefined;
}

/**
 * Encodes a `google.rpc.Status` of at most {@link MAX_STATUS_BYTES}.
 *
 * What is too large is cut: first the values of the metadata, evenly and between two characters, then all of the
 * metadata and the help link. The code is never cut.
 */
export function packStatusDetails(error: PackableStatus): Buffer {
  const message = cutToBytes(wellFormed(error.message), 1024);
  const metadata = Object.entries(error.metadata).map(
    ([key, value]): MetadataEntry => [wellFormed(key), wellFormed(String(value))],
  );
  const whole = encodeStatus(error, message, metadata);
  if (whole.byteLength <= MAX_STATUS_BYTES) {
    return whole;
  }
  const cut = largestThatFits((maxValueBytes) =>
    encodeStatus(
      error,
      message,
      metadata.map(([key, value]): MetadataEntry => [key, cutToBytes(value, maxValueBytes)]),
    ),
  );
  return cut.byteLength <= MAX_STATUS_BYTES ? cut : encodeStatus({ ...error, docUrl: undefined }, message, []);
}

type MetadataEntry = readonly [key: string, value: string];

// The most bytes per value with which the status still fits.
function largestThatFits(encode: (maxValueBytes: number) => Buffer): Buffer {
  let fits = 0;
  let tooMuch = MAX_STATUS_BYTES;
  let best = encode(fits);
  while (tooMuch - fits > 1) {
    const middle = (fits + tooMuch) >> 1;
    const encoded = encode(middle);
    if (encoded.byteLength <= MAX_STATUS_BYTES) {
      fits = middle;
      best = encoded;
    } else {
      tooMuch = middle;
    }
  }
  return best;
}

function encodeStatus(error: PackableStatus, message: string, metadata: readonly MetadataEntry[]): Buffer {
  const { status, code, domain, detail, retryAfterMs, docUrl } = error;
  return encodeRpcStatus({
    code: status,
    message,
    first: detail && { typeName: detail.typeName, bytes: domainDetailBytes(detail, code, message, metadata) },
    reason: code,
    domain,
    metadata,
    retryAfterMs,
    docUrl,
  });
}

function domainDetailBytes(
  detail: DescMessage,
  code: string,
  message: string,
  metadata: readonly MetadataEntry[],
): Uint8Array {
  const init = { code, message, metadata: Object.fromEntries(metadata) } as MessageInitShape<DescMessage>;
  return toBinary(detail, create(detail, init));
}

/**
 * Reads the rich error from a call's trailers: from the domain's own detail message (of `errors` or of a map that it
 * imports), else from `google.rpc.ErrorInfo`.
 *
 * `undefined` if there is none that can be read: the gRPC status then stands alone. A detail that can't be decoded only
 * loses what it would have said. Never throws.
 */
export function unpackStatusDetails(trailers: Metadata, errors: ErrorMap): StatusDetails | undefined {
  const encoded = trailers.get(STATUS_DETAILS_TRAILER)[0];
  if (!(encoded instanceof Uint8Array)) {
    return undefined;
  }
  const status = attempt(() => fromBinary(StatusSchema, encoded));
  if (status === undefined) {
    return undefined;
  }
  const info = find(status, ErrorInfoSchema);
  const own = domainDetail(status, errors);
  const retryDelay = find(status, RetryInfoSchema)?.retryDelay;
  return {
    message: status.message,
    code: own?.code ?? (info?.reason || undefined),
    domain: info?.domain || own?.domain,
    metadata: own?.metadata ?? info?.metadata ?? {},
    retryAfterMs: retryDelay === undefined ? undefined : attempt(() => durationMs(retryDelay)),
    docUrl: find(status, HelpSchema)?.links[0]?.url,
  };
}

/** Reads the pushback from a call's trailers: milliseconds, or -1 for "don't send again". Nonsense counts as -1 (gRFC A6). */
export function unpackPushback(trailers: Metadata): number | undefined {
  const text = trailers.get(PUSHBACK_TRAILER)[0];
  if (text === undefined) {
    return undefined;
  }
  const value = String(text);
  return /^\d{1,10}$/.test(value) ? Number(value) : -1;
}

interface DomainDetail {
  readonly code: string;
  readonly domain: string;
  readonly metadata: Record<string, string>;
}

// The map's own detail before those of imported maps, as far as one import goes: maps may import each other.
function domainDetail(status: RpcStatus, errors: ErrorMap): DomainDetail | undefined {
  for (const { detail, domain } of [errors, ...errors.imports]) {
    const found = detail && find(status, detail);
    if (found !== undefined) {
      const { code, metadata } = found as Message & { readonly code?: unknown; readonly metadata?: unknown };
      if (typeof code === "string" && code !== "") {
        return { code, domain, metadata: (metadata ?? {}) as Record<string, string> };
      }
    }
  }
  return undefined;
}

function find<Desc extends DescMessage>(status: RpcStatus, schema: Desc) {
  const any = status.details.find((detail) => anyIs(detail, schema));
  return any === undefined ? undefined : attempt(() => anyUnpack(any, schema));
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
