import type { Message } from "@bufbuild/protobuf";
import { Metadata, type ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { type CallFailure, internalFailure, refused } from "../call/call-failure.js";
import type { ServerCallContext } from "../call/server-call-context.js";
import type { EncodedMessage } from "../codec/message-codec.js";
import { PUSHBACK_TRAILER, STATUS_DETAILS_TRAILER } from "../errors/status-details.js";
import { outgoingMetadata } from "../wire/outgoing-metadata.js";
import { Status } from "../wire/status.js";
import { copiesAtOnce, unheldCall } from "./grpc-js/transport-call.js";
import { SendWindow } from "./send-window.js";
import { checkResponse, completeResponse, type ResponseInit, type ServedMethod } from "./served-method.js";

/** What goes out of a call: headers, messages, and one status. */
export class ResponseSender {
  /** How many messages were sent. */
  count = 0;
  /** How many bytes the messages have, without gRPC's framing. */
  bytes = 0;
  /** The last message that was sent, if somebody wanted a whole one. */
  last: Message | undefined;
  /** HTTP/2 refused the headers: nothing can be sent any more, no status either. */
  broken = false;
  readonly #method: ServedMethod;
  readonly #call: ServerInterceptingCallInterface;
  readonly #context: ServerCallContext;
  readonly #transient: boolean;
  #headersSent = false;
  #window: SendWindow | undefined;

  constructor(method: ServedMethod, call: ServerInterceptingCallInterface, context: ServerCallContext) {
    this.#method = method;
    this.#call = call;
    this.#context = context;
    // Interceptors of the user's get the message itself: only its size is asked for here.
    this.#transient = method.intercepted || copiesAtOnce(call);
  }

  /** Sends the headers, once. @throws {Error} if HTTP/2 refuses them */
  headers(): void {
    if (!this.#headersSent) {
      this.#headersSent = true;
      // grpc-js counts headers as sent even if sending them throws.
      this.broken = true;
      this.#call.sendMetadata(outgoingMetadata(this.#context.responseHeaders));
      this.broken = false;
    }
  }

  /**
   * Sends a message, and the headers before it. What it returns is why the message can't be sent, and ends the call.
   *
   * @param wholeWanted whether {@link last} is to be the message, rather than nothing
   */
  message(response: unknown, wholeWanted: boolean): CallFailure | undefined {
    const { desc, codecs, maxResponseBytes, intercepted } = this.#method;
    let message: ResponseInit;
    let encoded: EncodedMessage;
    try {
      message = checkResponse(desc, response);
      if (wholeWanted || intercepted) {
        message = this.last = completeResponse(desc, message);
      }
      encoded = this.#transient ? codecs.response.encodeTransient(message) : codecs.response.encode(message);
    } catch (error) {
      return internalFailure(error, "Error serializing response");
    }
    if (encoded.byteLength > maxResponseBytes) {
      const text = `The response has ${encoded.byteLength} bytes, and the limit is ${maxResponseBytes}`;
      return refused(Status.RESOURCE_EXHAUSTED, text, "error");
    }
    try {
      // Without any, grpc-js sends its own before the first message.
      if (this.#context.filledHeaders !== undefined) {
        this.headers();
      }
      this.#headersSent = true;
      this.count += 1;
      this.bytes += encoded.byteLength;
      if (intercepted) {
        this.#window ??= new SendWindow(ONE_AT_A_TIME);
      }
      this.#window?.wrote(encoded.byteLength);
      this.#call.sendMessage(intercepted ? message : encoded, this.#window?.sent ?? ignored);
      return undefined;
    } catch (error) {
      return internalFailure(error);
    }
  }

  /**
   * Sends one of a stream of messages.
   *
   * @returns a failure as {@link message} does, or a promise to wait for before the next: the peer reads more slowly than
   *   the handler writes
   */
  streamed(response: unknown): CallFailure | Promise<void> | undefined {
    this.#window ??= new SendWindow(this.#method.intercepted ? ONE_AT_A_TIME : undefined);
    return this.message(response, false) ?? (this.#window.full ? this.#window.room() : undefined);
  }

  /**
   * Whether the status has to wait for a message: with interceptors, which may take their time, and of whom grpc-js's don't
   * send on a status that comes meanwhile. {@link sent} is to be waited for.
   */
  get mustWait(): boolean {
    return this.#method.intercepted && this.#window?.full === true;
  }

  /** Resolves when the messages have left, or the call is over. */
  async sent(): Promise<void> {
    await this.#window?.room();
  }

  /** The call is over: nobody needs to wait for the peer any more. */
  close(): void {
    this.#window?.close();
  }

  /** Sends the status, and with it the trailers. @throws {Error} if HTTP/2 refuses them */
  status(code: Status, details: string, failure: CallFailure | undefined): void {
    const call = this.#method.intercepted ? unheldCall(this.#call) : this.#call;
    call.sendStatus({ code, details, metadata: this.#trailers(failure) });
  }

  #trailers(failure: CallFailure | undefined): Metadata | null {
    const filled = this.#context.filledTrailers;
    if (failure?.details === undefined && failure?.pushback === undefined) {
      return filled === undefined ? null : outgoingMetadata(filled);
    }
    const trailers = filled === undefined ? new Metadata() : outgoingMetadata(filled);
    if (failure.details !== undefined) {
      trailers.set(STATUS_DETAILS_TRAILER, failure.details);
    }
    if (failure.pushback !== undefined) {
      trailers.set(PUSHBACK_TRAILER, failure.pushback);
    }
    return trailers;
  }
}

// Less than any message counts: interceptors get them as grpc-js's own handlers send them, the next when the last has left.
const ONE_AT_A_TIME = 1;

function ignored(): void {}
