import type { ConnectError } from "@connectrpc/connect";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { type CallFailure, refused } from "../../call/call-failure.js";
import { normalizeStatus, Status } from "../../wire/status.js";

/** What connect's handlers found wrong with a request. */
export type FoundFault = Pick<ConnectError, "code" | "rawMessage">;

// A status code and a length; the flags of the last message of a stream, in Connect and in gRPC-Web.
const HEAD_BYTES = 5;
const CONNECT_END = 0x02;
const GRPC_WEB_END = 0x80;

/**
 * Reads what a handler of connect's answers of itself, when it found a request unreadable before it gave it to anybody: in Connect's unary
 * calls JSON, in streams a last message.
 *
 * @returns `undefined` if it is none of these: an answer in HTTP's terms
 */
export async function foundFault({ status, header, body }: UniversalServerResponse): Promise<FoundFault | undefined> {
  const first = await firstChunk(body);
  if (first === undefined) {
    return undefined;
  }
  try {
    if (status !== 200 && header?.get("content-type") === "application/json") {
      return errorOf(first);
    }
    const message = first.subarray(HEAD_BYTES);
    switch (first[0]) {
      case CONNECT_END:
        return errorOf(message, "error");
      case GRPC_WEB_END:
        return trailersOf(message);
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

async function firstChunk(body: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array | undefined> {
  for await (const chunk of body ?? []) {
    return chunk;
  }
  return undefined;
}

function errorOf(bytes: Uint8Array, within?: string): FoundFault | undefined {
  const json = JSON.parse(new TextDecoder().decode(bytes));
  const { code, message = "" } = within === undefined ? json : (json[within] ?? {});
  const status = Object.entries(Status).find(([name]) => name === spelling(String(code)));
  return status === undefined ? undefined : { code: Number(status[1]), rawMessage: String(message) };
}

// Connect has one l of it.
function spelling(code: string): string {
  return code === "canceled" ? "CANCELLED" : code.toUpperCase();
}

function trailersOf(bytes: Uint8Array): FoundFault | undefined {
  const text = new TextDecoder().decode(bytes);
  const code = /^grpc-status: *(\d+)/im.exec(text)?.[1];
  const message = /^grpc-message: *(.*?)\r?$/im.exec(text)?.[1] ?? "";
  return code === undefined ? undefined : { code: Number(code), rawMessage: decodeURIComponent(message) };
}

/**
 * Says how a call ends whose request connect can't read. What connect's texts quote of the request isn't repeated: it may be what the
 * contract redacts.
 *
 * @param place where in the JSON the fault is, as far as it is known
 */
export function failureOfFault(
  { code, rawMessage }: FoundFault,
  request: { readonly typeName: string; readonly maxBytes: number; readonly place: string | undefined },
): CallFailure {
  const status = normalizeStatus(code);
  switch (status) {
    case Status.RESOURCE_EXHAUSTED:
      return refused(status, `The request has more bytes than the limit of ${request.maxBytes}`, "error");
    case Status.INTERNAL:
      return refused(status, "Error deserializing request", "error");
    case Status.INVALID_ARGUMENT:
      return refused(status, unreadable(rawMessage, request), "error");
    default:
      return refused(status, rawMessage, "error");
  }
}

function unreadable(
  found: string,
  { typeName, place }: { readonly typeName: string; readonly place: string | undefined },
): string {
  if (found.startsWith("protocol error:")) {
    return found;
  }
  const what = `The request is no JSON of a ${typeName}`;
  if (place !== undefined) {
    return `${what}: ${place} can't be read`;
  }
  const field = /^cannot decode field ([\w.]+) from JSON/.exec(found)?.[1];
  return field === undefined ? what : `${what}: the field ${field} can't be read`;
}
