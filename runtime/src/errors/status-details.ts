import {
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type Any, durationMs } from "@bufbuild/protobuf/wkt";
import type { Metadata } from "@grpc/grpc-js";
import { ErrorInfoSchema, HelpSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { encodeRpcStatus, encodeStatusDetail } from "../wire/rpc-status-bytes.js";
import type { Status } from "../wire/status.js";
import { cutToBytes, wellFormed } from "../wire/text-limits.js";
import { detailTypeName, findDetail } from "./error-detail.js";
import type { ErrorMap } from "./error-map.js";

/** The trailer with the encoded `google.rpc.Status`. */
export const STATUS_DETAILS_TRAILER = "grpc-status-details-bin";

/** The trailer with which a server steers retries (gRFC A6): milliseconds to wait, or -1 to stop. */
export const PUSHBACK_TRAILER = "grpc-retry-pushback-ms";

/** The largest `google.rpc.Status`, in bytes, where nobody knows how much room there is. C-core clients fail above about 6 KB of trailers. */
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
  /** All details as they came, those among them that the rest was read from. */
  readonly details: readonly Any[];
}

/** A status with details that somebody gave it. */
export interface DetailedStatus {
  readonly status: Status;
  readonly message: string;
  /** What the thrower added. */
  readonly details?: readonly Any[] | undefined;
}

/** What {@link packStatusDetails} packs. */
export interface PackableStatus extends DetailedStatus {
  readonly code: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly domain: string;
  /** The domain's own detail message. */
  readonly detail?: DescMessage | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly docUrl?: string | undefined;
}

/** An encoded `google.rpc.Status`. */
export interface PackedStatus {
  readonly bytes: Buffer;
  /** The thrower's details for which there was no room. */
  readonly dropped: readonly Any[];
}

/**
 * Encodes an error of a contract as a `google.rpc.Status` of at most `maxBytes`.
 *
 * What is too large is cut, in this order: the details that the thrower added, of which each is left out that has no room
 * behind those before it; the message, of which the whole is in `grpc-message`; the values of the metadata, evenly and between two
 * characters; all of the metadata and the help link. The code is never cut, and stands there even if there is no room.
 *
 * What the contract itself sends stands once: of the added details, `google.rpc.ErrorInfo`, `google.rpc.RetryInfo` and the
 * domain's own message are left to it (a remote error that is passed on has them), and `google.rpc.Help` replaces its link.
 */
export function packStatusDetails(error: PackableStatus, maxBytes = MAX_STATUS_BYTES): PackedStatus {
  const contracts: readonly string[] = [
    ErrorInfoSchema.typeName,
    RetryInfoSchema.typeName,
    ...(error.detail ? [error.detail.typeName] : []),
  ];
  const added = (error.details ?? []).filter((detail) => !contracts.includes(detailTypeName(detail)));
  const helps = added.some((detail) => detailTypeName(detail) === HelpSchema.typeName);
  return withDetails(contractStatus(helps ? { ...error, docUrl: undefined } : error, maxBytes), added, maxBytes);
}

/** Encodes a status with these details alone, of at most `maxBytes`: each that has no room is left out. */
export function packDetails(
  { status, message, details = [] }: DetailedStatus,
  maxBytes = MAX_STATUS_BYTES,
): PackedStatus {
  const most = Math.max(0, Math.min(LONGEST_MESSAGE, maxBytes - STATUS_HEAD_BYTES));
  return withDetails(encodeRpcStatus({ code: status, message: sendableMessage(message, most) }), details, maxBytes);
}

function withDetails(status: Buffer, details: readonly Any[], maxBytes: number): PackedStatus {
  if (details.length === 0) {
    return { bytes: status, dropped: [] };
  }
  const parts = [status];
  const dropped: Any[] = [];
  let room = maxBytes - status.byteLength;
  for (const detail of details) {
    const part = detail.value.byteLength < room ? encodeStatusDetail(detail) : undefined;
    if (part === undefined || part.byteLength > room) {
      dropped.push(detail);
    } else {
      parts.push(part);
      room -= part.byteLength;
    }
  }
  return { bytes: Buffer.concat(parts), dropped };
}

function contractStatus(error: PackableStatus, maxBytes: number): Buffer {
  const message = sendableMessage(error.message);
  const metadata = Object.entries(error.metadata).map(
    ([key, value]): MetadataEntry => [wellFormed(key), wellFormed(String(value))],
  );
  const whole = encodeStatus(error, message, metadata);
  if (whole.byteLength <= maxBytes) {
    return whole;
  }
  const beginning = cutToBytes(message, maxBytes >> 3);
  const cut = largestThatFits(maxBytes, (most) =>
    encodeStatus(
      error,
      beginning,
      metadata.map(([key, value]): MetadataEntry => [key, cutToBytes(value, most)]),
    ),
  );
  if (cut.byteLength <= maxBytes) {
    return cut;
  }
  const bare = { ...error, docUrl: undefined };
  return largestThatFits(maxBytes, (most) => encodeStatus(bare, cutToBytes(beginning, most), []));
}

const LONGEST_MESSAGE = 1024;

/** What stands around a status's message. */
const STATUS_HEAD_BYTES = 5;

function sendableMessage(message: string, maxBytes = LONGEST_MESSAGE): string {
  return cutToBytes(wellFormed(message), maxBytes);
}

type MetadataEntry = readonly [key: string, value: string];

// With the most bytes per text with which the status still fits; without any, if it never does.
function largestThatFits(maxBytes: number, encode: (mostPerText: number) => Buffer): Buffer {
  let fits = 0;
  let tooMuch = maxBytes;
  let best = encode(fits);
  while (tooMuch - fits > 1) {
    const middle = (fits + tooMuch) >> 1;
    const encoded = encode(middle);
    if (encoded.byteLength <= maxBytes) {
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
  // A copy: the details stay with the error, and are plain bytes rather than a piece of one of Node's buffers.
  const status = attempt(() => fromBinary(StatusSchema, new Uint8Array(encoded)));
  return status && statusDetails(status, errors);
}

/** Reads the rich error of a status whose details are there already, as {@link unpackStatusDetails} does. */
export function statusDetails(
  status: { readonly message: string; readonly details: readonly Any[] },
  errors: ErrorMap,
): StatusDetails {
  const { details } = status;
  const info = findDetail(details, ErrorInfoSchema);
  const own = domainDetail(details, errors);
  return {
    message: status.message,
    code: own?.code ?? (info?.reason || undefined),
    domain: info?.domain || own?.domain,
    metadata: own?.metadata ?? info?.metadata ?? {},
    retryAfterMs: retryDelayMs(details),
    docUrl: findDetail(details, HelpSchema)?.links[0]?.url,
    details,
  };
}

/** What `google.rpc.RetryInfo` among the details says, in milliseconds. Never throws. */
export function retryDelayMs(details: readonly Any[]): number | undefined {
  const retryDelay = findDetail(details, RetryInfoSchema)?.retryDelay;
  return retryDelay && attempt(() => durationMs(retryDelay));
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
function domainDetail(details: readonly Any[], errors: ErrorMap): DomainDetail | undefined {
  for (const { detail, domain } of [errors, ...errors.imports]) {
    const found = detail && findDetail(details, detail);
    if (found !== undefined) {
      const { code, metadata } = found as Message & { readonly code?: unknown; readonly metadata?: unknown };
      if (typeof code === "string" && code !== "") {
        return { code, domain, metadata: (metadata ?? {}) as Record<string, string> };
      }
    }
  }
  return undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
