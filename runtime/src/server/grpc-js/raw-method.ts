import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type BytesValue, BytesValueSchema } from "@bufbuild/protobuf/wkt";
import type { ServiceDefinition } from "@grpc/grpc-js";
import type { CallContext } from "../../call/call-context.js";
import { RefusedCall } from "../../call/call-failure.js";
import type { AnyMethod } from "../../call/method-layer.js";
import type { MessageCodec } from "../../codec/message-codec.js";
import type { LogLevel } from "../../log/logger.js";
import { normalizeStatus, Status } from "../../wire/status.js";
import { mergeTrailers, RawStream, rawUnaryCall } from "./raw-call.js";

/** A handler of plain grpc-js: it takes a call, and a callback where it answers once. */
export type RawHandler = (call: unknown, callback?: RawCallback) => unknown;

type RawCallback = (thrown: unknown, response?: unknown, trailers?: unknown) => void;

type RawDefinition = ServiceDefinition[string];

type Bytes = MessageInitShape<typeof BytesValueSchema>;

/** A message as it is on the wire: its service's own code reads and writes it. */
export const rawBytes: MessageCodec<typeof BytesValueSchema> = {
  schema: BytesValueSchema,
  encode: bufferOf,
  encodeTransient: bufferOf,
  decode: (value) => create(BytesValueSchema, { value: new Uint8Array(value) }),
};

/** Makes of a handler of plain grpc-js the method of a servicer, which takes and returns bytes. */
export function rawMethod(definition: RawDefinition, handler: RawHandler): AnyMethod {
  const { requestStream, responseStream } = definition;
  const method = responseStream ? streaming(definition, handler) : answering(definition, handler, requestStream);
  return method as AnyMethod;
}

type Input = BytesValue | AsyncIterable<BytesValue>;

/** One response, by a callback. */
function answering(definition: RawDefinition, handler: RawHandler, requestStream: boolean) {
  return async (input: Input, context: CallContext): Promise<Bytes> => {
    const call = requestStream
      ? new RawStream(context, { requests: requestsOf(definition, input), responds: false })
      : rawUnaryCall(context, requestOf(definition, input as BytesValue));
    const response = await new Promise((resolve, reject) => {
      const callback: RawCallback = (thrown, value, trailers) => {
        mergeTrailers(context, trailers);
        if (thrown !== null && thrown !== undefined) {
          reject(endOf(thrown, context));
        } else {
          resolve(value);
        }
      };
      call.on("error", (thrown: unknown) => reject(endOf(thrown, context)));
      run(() => handler(call, callback)).catch(reject);
    });
    return responseOf(definition, response);
  };
}

/** Many responses, written to a stream. */
function streaming(definition: RawDefinition, handler: RawHandler) {
  return async function* (input: Input, context: CallContext): AsyncGenerator<Bytes, void> {
    const call = definition.requestStream
      ? new RawStream(context, { requests: requestsOf(definition, input), responds: true })
      : new RawStream(context, { request: requestOf(definition, input as BytesValue), responds: true });
    run(() => handler(call)).catch((error: Error) => call.destroy(error));
    while (true) {
      for (let next = call.written.shift(); next !== undefined; next = call.written.shift()) {
        yield responseOf(definition, next.response);
        next.taken();
      }
      if (call.failure !== undefined) {
        throw endOf(call.failure.thrown, context);
      }
      if (call.hasEnded) {
        return;
      }
      if (call.isClosed) {
        throw new Error("The handler destroyed its call before it had ended");
      }
      await call.more();
    }
  };
}

// A handler may be an async function: what grpc-js leaves unhandled, and ends the process, ends the call.
async function run(handler: () => unknown): Promise<void> {
  await handler();
}

async function* requestsOf(definition: RawDefinition, input: Input): AsyncGenerator<unknown, void> {
  for await (const request of input as AsyncIterable<BytesValue>) {
    yield requestOf(definition, request);
  }
}

function requestOf({ requestDeserialize }: RawDefinition, { value }: BytesValue): unknown {
  try {
    return requestDeserialize(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  } catch (cause) {
    throw new RefusedCall(Status.INTERNAL, "Error deserializing request", { level: "error", cause });
  }
}

function responseOf({ responseSerialize }: RawDefinition, response: unknown): Bytes {
  return { value: new Uint8Array(responseSerialize(response)) };
}

function bufferOf({ value }: Bytes): Buffer {
  return value === undefined ? Buffer.alloc(0) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** How a call ends: by the status that its handler names, as grpc-js reads it; else by what was thrown, which nobody declares. */
function endOf(thrown: unknown, context: CallContext): unknown {
  if (typeof thrown !== "object" || thrown === null) {
    return thrown;
  }
  const { code, details, message, metadata } = thrown as Readonly<Record<string, unknown>>;
  if (typeof code !== "number" || code === Status.OK || normalizeStatus(code) !== code) {
    return thrown;
  }
  mergeTrailers(context, metadata);
  const text = [details, message].find((each) => typeof each === "string") ?? "";
  const options = { level: LEVELS[code] ?? "warn", ...(thrown instanceof Error ? { cause: thrown } : {}) };
  return new RefusedCall(code, String(text), options);
}

const LEVELS: Partial<Record<number, LogLevel>> = {
  [Status.UNKNOWN]: "error",
  [Status.INTERNAL]: "error",
  [Status.DATA_LOSS]: "error",
};
