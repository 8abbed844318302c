/** A `google.rpc.Status`, as far as errors need it: with ErrorInfo, and with what comes of the contract beside it. */
export interface RpcStatusInit {
  readonly code: number;
  readonly message: string;
  /** A message that stands before ErrorInfo: its type's full name, and its bytes. */
  readonly first?: { readonly typeName: string; readonly bytes: Uint8Array } | undefined;
  /** `google.rpc.ErrorInfo`; without a reason there is none. */
  readonly reason?: string | undefined;
  readonly domain?: string | undefined;
  readonly metadata?: readonly (readonly [key: string, value: string])[] | undefined;
  /** `google.rpc.RetryInfo`, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** `google.rpc.Help`: one link, with the reason as its description. */
  readonly docUrl?: string | undefined;
}

/**
 * Encodes a `google.rpc.Status`, as protobuf-es would: errors are too frequent for an encoder that interprets descriptors.
 *
 * What is encoded is kept as a text with a character for each byte: V8 is good at joining texts.
 */
export function encodeRpcStatus(status: RpcStatusInit): Buffer {
  const { first, reason, domain = "", metadata = [], retryAfterMs, docUrl } = status;
  let details = "";
  if (first !== undefined) {
    details += detail(first.typeName, latin1(first.bytes));
  }
  if (reason !== undefined) {
    let entries = "";
    for (const [key, value] of metadata) {
      entries += field(3, field(1, utf8(key)) + field(2, utf8(value)));
    }
    details += detail("google.rpc.ErrorInfo", text(1, reason) + text(2, domain) + entries);
  }
  if (retryAfterMs !== undefined) {
    details += detail("google.rpc.RetryInfo", field(1, duration(retryAfterMs)));
  }
  if (docUrl !== undefined) {
    details += detail("google.rpc.Help", field(1, text(1, reason ?? "") + text(2, docUrl)));
  }
  return Buffer.from(number(1, status.code) + text(2, status.message) + details, "latin1");
}

/** Encodes one more of a status's details: what it returns goes behind what {@link encodeRpcStatus} returns. */
export function encodeStatusDetail({ typeUrl, value }: EncodedAny): Buffer {
  return Buffer.from(any(utf8(typeUrl), latin1(value)), "latin1");
}

/** A `google.protobuf.Any`. */
interface EncodedAny {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

function detail(typeName: string, bytes: string): string {
  return any(`type.googleapis.com/${typeName}`, bytes);
}

/** An entry of `Status.details`. */
function any(typeUrl: string, bytes: string): string {
  return field(3, field(1, typeUrl) + (bytes === "" ? "" : field(2, bytes)));
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}

function duration(milliseconds: number): string {
  return number(1, Math.floor(milliseconds / 1000)) + number(2, Math.round((milliseconds % 1000) * 1_000_000));
}

/** A field of varint type, which is left out if it is 0. Not for negative values. */
function number(fieldNumber: number, value: number): string {
  return value === 0 ? "" : String.fromCharCode(fieldNumber << 3) + varint(value);
}

/** A string field, which is left out if it is empty. */
function text(fieldNumber: number, value: string): string {
  return value === "" ? "" : field(fieldNumber, utf8(value));
}

/** A length-delimited field. */
function field(fieldNumber: number, bytes: string): string {
  return String.fromCharCode((fieldNumber << 3) | 2) + varint(bytes.length) + bytes;
}

function varint(value: number): string {
  let rest = value;
  let bytes = "";
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) {
    bytes += String.fromCharCode((rest & 0x7f) | 0x80);
  }
  return bytes + String.fromCharCode(rest);
}

function utf8(value: string): string {
  return Buffer.byteLength(value) === value.length ? value : Buffer.from(value).toString("latin1");
}
