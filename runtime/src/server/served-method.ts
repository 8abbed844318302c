import { create, type DescMethod, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { type CallFailure, type ErrorPolicy, refused } from "../call/call-failure.js";
import type { LogContext, LoggedMethod, LogSettings } from "../call/call-log.js";
import type { HandlerInterceptor } from "../call/handler-interceptor.js";
import type { AnyMethod } from "../call/method-layer.js";
import type { AnswerCaching } from "../call/servicer-method.js";
import type { MethodCodecs } from "../codec/method-codecs.js";
import { Status } from "../wire/status.js";
import type { Admission } from "./admission.js";
import type { MethodAuth } from "./auth.js";
import type { ServerLoad } from "./server-load.js";
import type { UnbegunCalls } from "./unbegun-calls.js";

/** Where a server keeps the calls of a method while they run. */
export interface RunningCalls {
  add(call: RunningCall): void;
  remove(call: RunningCall): void;
}

/** A call, as far as it can be ended from outside. */
export interface RunningCall {
  /** Ends the call while its handler may be running, and tells the handler. `false` if the call was over. */
  stop(failure: CallFailure): boolean;
}

/** A method as a server dispatches it: all that can be known before the first call. */
export interface ServedMethod extends LoggedMethod {
  readonly codecs: Required<MethodCodecs>;
  /** The handler below its wrappers. */
  readonly body: AnyMethod;
  readonly errors: ErrorPolicy | undefined;
  /** For handlers that turn out to have no error handler. */
  readonly fallbackErrors: ErrorPolicy;
  readonly log: LogContext | undefined;
  readonly logSettings: LogSettings;
  /** `Infinity`: as long as the caller grants. */
  readonly maxTimeoutMs: number;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  /** What headers and trailers may take together. */
  readonly maxResponseMetadataBytes: number;
  readonly compress: boolean;
  readonly running: RunningCalls;
  /** Which calls are begun; `undefined`: all. */
  readonly admission: Admission | undefined;
  /** Where calls are counted that ended before their handler ran. */
  readonly unbegun: UnbegunCalls;
  /** What stands around the handler. */
  readonly handlerInterceptors: readonly HandlerInterceptor[];
  readonly auth: MethodAuth | undefined;
  /** What caches may keep; `undefined`: nothing. */
  readonly cache: AnswerCaching | undefined;
  /** What answers say of how busy the server is; `undefined`: nothing. */
  readonly load: ServerLoad | undefined;
}

/** Decodes a request, or says how the call ends that sent it. */
export function decodeRequest(
  method: ServedMethod,
  bytes: Uint8Array,
):
  | { readonly message: Message; readonly failure?: undefined }
  | { readonly message?: undefined; readonly failure: CallFailure } {
  const { codecs, maxRequestBytes } = method;
  if (bytes.byteLength > maxRequestBytes) {
    const text = `The request has ${bytes.byteLength} bytes, and the limit is ${maxRequestBytes}`;
    return { failure: refused(Status.RESOURCE_EXHAUSTED, text, "error") };
  }
  try {
    return { message: codecs.request.decode(bytes) };
  } catch (error) {
    return { failure: refused(Status.INTERNAL, "Error deserializing request", "error", error) };
  }
}

/** What a handler may return: a message, or what `create` makes one of. */
export type ResponseInit = MessageInitShape<DescMethod["output"]>;

/** Takes what a handler returned. @throws {TypeError} if it returned nothing */
export function checkResponse(desc: DescMethod, response: unknown): ResponseInit {
  if (typeof response !== "object" || response === null) {
    throw new TypeError(`The handler of ${desc} returned ${String(response)} instead of a ${desc.output.typeName}`);
  }
  return response as ResponseInit;
}

/** Makes a whole message of what a handler returned. */
export function completeResponse(desc: DescMethod, response: ResponseInit): Message {
  return create(desc.output, response);
}
