import type { ChannelInterface, InterceptingListener, Metadata, NextCall, StatusObject } from "@grpc/grpc-js";
import { type CallStatus, clientStatus } from "../wire/call-status.js";
import { outgoingMetadata } from "../wire/outgoing-metadata.js";
import { Status } from "../wire/status.js";
import { messageOf } from "../wire/thrown-message.js";
import type { MethodDefinition } from "./method-binding.js";

/** A call as a grpc-js channel makes it: bytes in, bytes out. */
export type GrpcCall = ReturnType<ChannelInterface["createCall"]>;

/** A call of messages, as grpc-js interceptors see and wrap it. */
export type MessageCall = ReturnType<NextCall>;

type MessageContext = Parameters<MessageCall["sendMessageWithContext"]>[0];

// grpc-js takes requests at once while they fit into its retry buffer of 1 MiB, sends them one by one, and copies the list
// of those that wait for each that leaves: 80,000 tiny ones take it half a minute. Beyond the first few, tiny requests are
// therefore taken no faster than the event loop turns, which is how fast they can leave.
const TINY_REQUEST_BYTES = 512;
const UNPACED_REQUESTS = 256;

/** Whose call it is. */
export interface ChannelCallOwner {
  /** The size of the response that is delivered next. */
  responseBytes: number;
  /** A listener (an interceptor's, say) threw: the call is of no use any more. Must not throw. */
  listenerThrew(error: unknown): void;
}

/** The size limits of a call's messages, in bytes. */
export interface MessageLimits {
  readonly maxRequestBytes?: number;
  readonly maxResponseBytes?: number;
}

/**
 * The bottom of a call: turns messages into bytes and back, and enforces their sizes.
 *
 * What grpc-js does in its BaseInterceptingCall, with these differences:
 * - A call with a single request reaches the channel only when the request is encoded: one that can't be sent costs the
 *   server nothing.
 * - A second response to a method that has one is delivered. grpc-js leaves it in the stream, and waits for the deadline.
 * - Its own failures keep their `cause`.
 */
export class ChannelCall implements MessageCall, InterceptingListener {
  readonly #call: GrpcCall;
  readonly #method: MethodDefinition;
  readonly #limits: MessageLimits;
  readonly #owner: ChannelCallOwner;
  #listener: Partial<InterceptingListener> | undefined;
  /** The metadata of a call that waits for its request. */
  #waiting: Metadata | undefined;
  /** Why the call failed on this side. It replaces the status that grpc-js makes of it. */
  #failure: CallStatus | undefined;
  #started = false;
  #responded = false;
  #tinyRequests = 0;

  constructor(call: GrpcCall, method: MethodDefinition, limits: MessageLimits, owner: ChannelCallOwner) {
    this.#call = call;
    this.#method = method;
    this.#limits = limits;
    this.#owner = owner;
  }

  start(metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    this.#listener = listener;
    if (this.#failure !== undefined) {
      process.nextTick(() => this.onReceiveStatus());
    } else if (this.#method.requestStream) {
      this.#start(metadata);
    } else {
      this.#waiting = metadata;
    }
  }

  #start(metadata: Metadata): void {
    this.#waiting = undefined;
    this.#started = true;
    // What HTTP/2 forbids (`connection`, from headers that are handed on) grpc-js would try to send until the deadline.
    this.#call.start(outgoingMetadata(metadata), this);
    if (!this.#method.responseStream) {
      this.#call.startRead();
    }
  }

  sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  sendMessageWithContext(context: MessageContext, message: unknown): void {
    if (this.#failure !== undefined) {
      return;
    }
    let bytes: Buffer;
    try {
      bytes = this.#method.requestSerialize(message);
    } catch (error) {
      this.#fail(clientStatus(Status.INTERNAL, `The request can't be encoded: ${messageOf(error)}`, error));
      return;
    }
    const { maxRequestBytes } = this.#limits;
    if (maxRequestBytes !== undefined && bytes.byteLength > maxRequestBytes) {
      this.#fail(tooLarge("request", bytes.byteLength, maxRequestBytes));
      return;
    }
    if (this.#waiting !== undefined) {
      this.#start(this.#waiting);
    }
    this.#call.sendMessageWithContext(this.#paced(context, bytes.byteLength), bytes);
  }

  #paced(context: MessageContext, bytes: number): MessageContext {
    const { callback } = context;
    if (callback === undefined || bytes >= TINY_REQUEST_BYTES || this.#tinyRequests++ < UNPACED_REQUESTS) {
      return context;
    }
    return { ...context, callback: (error) => void setImmediate(callback, error) };
  }

  halfClose(): void {
    if (this.#failure !== undefined) {
      return;
    }
    if (this.#waiting !== undefined) {
      this.#start(this.#waiting);
    }
    this.#call.halfClose();
  }

  startRead(): void {
    this.#call.startRead();
  }

  cancelWithStatus(code: StatusObject["code"], details: string): void {
    if (!this.#started) {
      this.#fail({ ...clientStatus(Status.CANCELLED, details), code });
      return;
    }
    this.#cancel(code, details);
  }

  #fail(status: CallStatus): void {
    this.#failure ??= status;
    if (this.#started) {
      this.#cancel(status.code, status.details);
      return;
    }
    // grpc-js tells a call's end only to the listener that it was started with.
    this.#waiting = undefined;
    this.#call.cancelWithStatus(status.code, status.details);
    if (this.#listener !== undefined) {
      process.nextTick(() => this.onReceiveStatus());
    }
  }

  #cancel(code: StatusObject["code"], details: string): void {
    this.#call.cancelWithStatus(code, details);
    // A call that has just been started isn't on its way yet: grpc-js's ResolvingCall starts its child some microtasks
    // later, cancelled or not, and would leave it running.
    setImmediate(() => this.#call.cancelWithStatus(code, details));
  }

  getPeer(): string {
    return this.#call.getPeer();
  }

  getAuthContext(): ReturnType<GrpcCall["getAuthContext"]> {
    return this.#call.getAuthContext();
  }

  onReceiveMetadata(metadata: Metadata): void {
    try {
      this.#listener?.onReceiveMetadata?.(metadata);
    } catch (error) {
      this.#owner.listenerThrew(error);
    }
  }

  onReceiveMessage(bytes: Buffer): void {
    if (this.#failure !== undefined) {
      return;
    }
    const { maxResponseBytes } = this.#limits;
    if (maxResponseBytes !== undefined && bytes.byteLength > maxResponseBytes) {
      this.#fail(tooLarge("response", bytes.byteLength, maxResponseBytes));
      return;
    }
    let message: unknown;
    try {
      message = this.#method.responseDeserialize(bytes);
    } catch (error) {
      this.#fail(clientStatus(Status.INTERNAL, `The response can't be decoded: ${messageOf(error)}`, error));
      return;
    }
    this.#responded = true;
    this.#owner.responseBytes = bytes.byteLength;
    this.#deliver(message);
    if (!this.#method.responseStream) {
      this.#call.startRead();
    }
  }

  onReceiveStatus(status?: StatusObject): void {
    if (!this.#method.responseStream && !this.#responded) {
      // As grpc-js does: interceptors may wait for a message before they pass the status on.
      this.#deliver(null);
    }
    const end = this.#failure ?? status;
    if (end === undefined) {
      return;
    }
    try {
      this.#listener?.onReceiveStatus?.(end);
    } catch (error) {
      this.#owner.listenerThrew(error);
    }
  }

  #deliver(message: unknown): void {
    try {
      this.#listener?.onReceiveMessage?.(message);
    } catch (error) {
      this.#owner.listenerThrew(error);
    }
  }
}

function tooLarge(what: "request" | "response", bytes: number, limit: number): CallStatus {
  return clientStatus(Status.RESOURCE_EXHAUSTED, `The ${what} has ${bytes} bytes; the contract allows ${limit}`);
}
