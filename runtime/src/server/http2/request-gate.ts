import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { type CallFailure, refused } from "../../call/call-failure.js";
import { Status } from "../../wire/status.js";
import { encodeStatusMessage } from "../../wire/status-message.js";
import type { CallReceiver, CallTransport } from "../transport/call-transport.js";
import { ACCEPTED_ENCODINGS, isReadable } from "../transport/message-encoding.js";
import { grpcTimeoutMs } from "./grpc-timeout.js";
import { type CallLimits, Http2Call } from "./http2-call.js";
import type { StreamHandler } from "./http2-server.js";
import type { ServedSession } from "./served-session.js";

// `application/grpc`, also with `+proto` and parameters. `application/grpc+json` and `application/grpc-web` are other things.
const CONTENT_TYPE = /^application\/grpc(?:\+proto)?\s*(?:;|$)/i;

/** A call that has come in, as its server sees it. */
export interface AdmittedCall extends CallReceiver {
  /** Begins it, now that its transport is there; or ends it at once, with what refuses it. */
  begin(refusal: CallFailure | undefined): void;
}

/** Makes a call of a method. `timeoutMs` is what the caller grants; `Infinity`: any time. */
export type MakeCall<Method> = (method: Method, transport: CallTransport, timeoutMs: number) => AdmittedCall;

/**
 * Takes the streams of HTTP/2 that are gRPC calls of a method that is served, and answers all others: what isn't gRPC in HTTP's
 * terms, an unknown method in gRPC's. It looks at headers alone.
 */
export class RequestGate<Method> {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #limits: CallLimits;
  readonly #makeCall: MakeCall<Method>;
  readonly #otherwise: () => StreamHandler | undefined;

  /** @param otherwise who takes streams that aren't gRPC's, if anybody does */
  constructor(
    methods: ReadonlyMap<string, Method>,
    limits: CallLimits,
    makeCall: MakeCall<Method>,
    otherwise: () => StreamHandler | undefined = () => undefined,
  ) {
    this.#methods = methods;
    this.#limits = limits;
    this.#makeCall = makeCall;
    this.#otherwise = otherwise;
  }

  /** A request has begun. Never throws. */
  readonly enter = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, session: ServedSession): void => {
    const fields = this.#strange(headers);
    if (fields !== undefined) {
      const takeIt = isGrpc(headers) ? undefined : this.#otherwise();
      if (takeIt === undefined) {
        answer(stream, fields);
      } else {
        takeIt(stream, headers, session);
      }
      return;
    }
    const method = this.#methods.get(headers[":path"] ?? "");
    if (method === undefined) {
      answer(stream, unknownMethod(headers[":path"] ?? ""));
      return;
    }
    const timeoutMs = grpcTimeoutMs(headerOf(headers, "grpc-timeout"));
    const encoding = headerOf(headers, "grpc-encoding") ?? "identity";
    const isKnown = isReadable(encoding);
    const readable = isKnown && encoding !== "identity" ? encoding : undefined;
    let call: AdmittedCall | undefined;
    new Http2Call(stream, headers, session, readable, this.#limits, (transport) => {
      call = this.#makeCall(method, transport, Number.isNaN(timeoutMs) ? Number.POSITIVE_INFINITY : timeoutMs);
      return call;
    });
    call?.begin(isKnown ? refusalOf(timeoutMs) : unknownEncoding(encoding));
  };

  /** What is answered to a request that isn't gRPC's. */
  #strange(headers: IncomingHttpHeaders): OutgoingHttpHeaders | undefined {
    if (!isGrpc(headers)) {
      return { ":status": constants.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE, "accept-post": "application/grpc" };
    }
    return headers[":method"] === "POST"
      ? undefined
      : { ":status": constants.HTTP_STATUS_METHOD_NOT_ALLOWED, allow: "POST" };
  }
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  const type = headers["content-type"] ?? "";
  return type === "application/grpc" || CONTENT_TYPE.test(type);
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

function unknownMethod(path: string): OutgoingHttpHeaders {
  return {
    ":status": constants.HTTP_STATUS_OK,
    "content-type": "application/grpc",
    "grpc-status": Status.UNIMPLEMENTED,
    "grpc-message": encodeStatusMessage(`The server doesn't serve the method ${path.slice(0, MAX_PATH)}`),
  };
}

// Anybody may send a path of any length, and has it back.
const MAX_PATH = 200;

function refusalOf(timeoutMs: number): CallFailure | undefined {
  if (Number.isNaN(timeoutMs)) {
    return refused(
      Status.INTERNAL,
      "The grpc-timeout isn't one: up to eight digits, and one of H, M, S, m, u, n",
      "error",
    );
  }
  return timeoutMs <= 0 ? refused(Status.DEADLINE_EXCEEDED, "Deadline exceeded") : undefined;
}

function unknownEncoding(encoding: string): CallFailure {
  const text = `The encoding ${encoding.slice(0, MAX_PATH)} isn't known: ${ACCEPTED_ENCODINGS} are`;
  return refused(Status.UNIMPLEMENTED, text, "error");
}

/** Answers with headers alone, and drops what else comes. */
function answer(stream: ServerHttp2Stream, fields: OutgoingHttpHeaders): void {
  stream.on("error", () => {});
  if (stream.destroyed || stream.closed) {
    return;
  }
  stream.respond(fields, { endStream: true });
  // Node resets a stream of which nobody has read anything, when its answer has left.
}
