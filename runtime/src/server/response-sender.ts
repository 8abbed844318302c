import type { Message } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { type CallFailure, internalFailure, refused } from "../call/call-failure.js";
import type { ServerCallContext } from "../call/server-call-context.js";
import type { EncodedMessage } from "../codec/message-codec.js";
import { PUSHBACK_TRAILER, STATUS_DETAILS_TRAILER } from "../errors/status-details.js";
import { Status } from "../wire/status.js";
import { checkResponse, completeResponse, type ResponseInit, type ServedMethod } from "./served-method.js";
import type { CallTransport } from "./transport/call-transport.js";
import { LEAST_PACKED_BYTES, pack } from "./transport/message-encoding.js";

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
  readonly #transport: CallTransport;
  readonly #context: ServerCallContext;
  #headersSent = false;
  #isCompressing = false;
  #isFull = false;
  #resume: (() => void) | undefined;
  #isClosed = false;

  constructor(method: ServedMethod, transport: CallTransport, context: ServerCallContext) {
    this.#method = method;
    this.#transport = transport;
    this.#context = context;
  }

  /** Sends the headers, once. @throws {Error} if HTTP/2 refuses them */
  headers(): void {
    if (!this.#headersSent) {
      this.#headersSent = true;
      this.#isCompressing = this.#mayCompress && this.#transport.acceptsGzip;
      // Headers that couldn't be sent can't be sent otherwise either.
      this.broken = true;
      this.#transport.sendHeaders(this.#context.filledHeaders, this.#isCompressing);
      this.broken = false;
    }
  }

  /**
   * Sends a message, and the headers before it. What it returns is why the message can't be sent, and ends the call; or a
   * promise of it, for a message that takes its time to compress.
   *
   * @param wholeWanted whether {@link last} is to be the message, rather than nothing
   */
  message(response: unknown, wholeWanted: boolean): CallFailure | Promise<CallFailure | undefined> | undefined {
    const { desc, codecs, maxResponseBytes } = this.#method;
    let message: ResponseInit;
    let encoded: EncodedMessage;
    try {
      message = checkResponse(desc, response);
      const { interception } = this.#context;
      if (wholeWanted || interception?.seesResponses) {
        const whole = completeResponse(desc, message);
        message = this.last = interception?.seenResponse(whole) ?? whole;
      }
      encoded = codecs.response.encodeTransient(message);
    } catch (error) {
      return internalFailure(error, "Error serializing response");
    }
    if (encoded.byteLength > maxResponseBytes) {
      const text = `The response has ${encoded.byteLength} bytes, and the limit is ${maxResponseBytes}`;
      return refused(Status.RESOURCE_EXHAUSTED, text, "error");
    }
    try {
      this.headers();
      return this.#compresses(encoded.byteLength) ? this.#packed(encoded) : this.#send(encoded, false);
    } catch (error) {
      return internalFailure(error);
    }
  }

  /** Resolves when there is room for more, or the call is over; `undefined` if there is. */
  room(): Promise<void> | undefined {
    return this.#isFull && !this.#isClosed
      ? new Promise((resolve) => {
          this.#resume = resolve;
        })
      : undefined;
  }

  /** The peer reads on. */
  onRoom(): void {
    this.#isFull = false;
    this.#resume?.();
    this.#resume = undefined;
  }

  /** The call is over: nobody needs to wait for the peer any more. */
  close(): void {
    this.#isClosed = true;
    this.onRoom();
  }

  /** Ends the call: with a status and its trailers, as far as HTTP/2 takes them. Never throws. */
  end(code: Status, details: string, failure: CallFailure | undefined): void {
    this.close();
    try {
      if (this.broken) {
        this.#transport.reset();
      } else {
        this.#status(code, details, failure);
      }
    } catch (err) {
      // Trailers that can't be written; the status can still go.
      const { desc, path, logSettings } = this.#method;
      logSettings.logger.error({ path, err }, `${desc.localName}: the trailers couldn't be sent`);
      this.#endWithout(code, details);
    }
  }

  #endWithout(code: Status, details: string): void {
    try {
      this.#transport.sendStatus(code, details, undefined);
    } catch {
      this.#transport.reset();
    }
  }

  /** @throws {Error} if HTTP/2 refuses the headers or the trailers */
  #status(code: Status, details: string, failure: CallFailure | undefined): void {
    if (code === Status.OK || hasEntries(this.#context.filledHeaders)) {
      this.headers();
    }
    this.#transport.sendStatus(code, details, this.#trailers(failure));
  }

  #send(message: EncodedMessage, compressed: boolean): undefined {
    this.count += 1;
    this.bytes += message.byteLength;
    this.#isFull = !this.#transport.sendMessage(message, compressed);
  }

  get #mayCompress(): boolean {
    // Who has said no has thought of it, and may say yes to the next message.
    return this.#context.compress !== undefined || this.#method.compress;
  }

  #compresses(bytes: number): boolean {
    return this.#isCompressing && bytes >= LEAST_PACKED_BYTES && (this.#context.compress ?? this.#method.compress);
  }

  #packed(encoded: EncodedMessage): Promise<undefined> | undefined {
    if (this.#transport.packsItself === true) {
      return this.#send(encoded, true);
    }
    const message = Buffer.allocUnsafe(encoded.byteLength);
    encoded.copy(message);
    const packed = pack(message);
    if (packed instanceof Promise) {
      return packed.then((later) => this.#send(later ?? message, later !== undefined));
    }
    return this.#send(packed ?? message, packed !== undefined);
  }

  #trailers(failure: CallFailure | undefined): Metadata | undefined {
    const filled = this.#context.filledTrailers;
    if (failure?.details === undefined && failure?.pushback === undefined) {
      return filled;
    }
    const trailers = filled?.clone() ?? new Metadata();
    this.#replace(trailers, STATUS_DETAILS_TRAILER, failure.details);
    this.#replace(trailers, PUSHBACK_TRAILER, failure.pushback);
    return trailers;
  }

  /** The error that the handler throws goes before what the handler has put there itself, and the log says so. */
  #replace(trailers: Metadata, key: string, value: string | Buffer | undefined): void {
    if (value === undefined) {
      return;
    }
    if (trailers.get(key).length > 0) {
      this.#context.logger.warn({ path: this.#context.path, trailer: key }, "trailer.replaced");
    }
    trailers.set(key, value);
  }
}

function hasEntries(metadata: Metadata | undefined): boolean {
  return metadata !== undefined && Object.keys(metadata.getMap()).length > 0;
}
