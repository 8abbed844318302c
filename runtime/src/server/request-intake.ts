import type { Message } from "@bufbuild/protobuf";
import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { type CallFailure, refused } from "../call/call-failure.js";
import type { CallLog } from "../call/call-log.js";
import { Status } from "../wire/status.js";
import { RequestStream } from "./request-stream.js";
import { decodeRequest, type ServedMethod } from "./served-method.js";

/** The call that requests come in on. */
export interface IntakeCall {
  readonly method: ServedMethod;
  readonly log: CallLog;
  /** A status is on its way, or the peer has gone. */
  readonly over: boolean;
  /** The peer has reset the stream, though grpc-js may not have said so yet. */
  readonly reset: boolean;
  /** What has come ends within a message. */
  readonly truncated: boolean;
  /** Runs the handler, on the request or on the stream of requests. */
  run(input: Message | RequestStream<Message>): void;
  stop(failure: CallFailure): boolean;
}

// A client on Node that cancels half-closes its stream first, and resets it with the next packet: most often within half a
// millisecond. A handler that heard of the half-close at once would take half of a stream for all of it, and commit it.
const HALF_CLOSE_DELAY_MS = 1;

/** What comes in on a call: requests are decoded and counted, and the handler is run when it has what it needs. */
export class RequestIntake {
  /** How many messages came. */
  count = 0;
  readonly #call: IntakeCall;
  readonly #source: ServerInterceptingCallInterface;
  #request: Message | undefined;
  #stream: RequestStream<Message> | undefined;
  #halfCloseTimer: NodeJS.Timeout | undefined;

  /** @param source what messages are read from */
  constructor(call: IntakeCall, source: ServerInterceptingCallInterface) {
    this.#call = call;
    this.#source = source;
  }

  /** The request of a method that takes one, once it has come. */
  get request(): Message | undefined {
    return this.#request;
  }

  /** Reads the request; or runs the handler, which reads requests as it needs them. */
  begin(): void {
    if (this.#call.method.streamsRequests) {
      this.#stream = new RequestStream<Message>(this.#source);
      this.#call.run(this.#stream);
    } else {
      this.#source.startRead();
    }
  }

  /** A message came. */
  message(message: unknown): void {
    this.count += 1;
    const request = this.#decode(message);
    if (request === undefined) {
      return;
    }
    if (this.#stream !== undefined) {
      this.#call.log.request(request);
      this.#stream.push(request);
    } else if (this.#request === undefined) {
      this.#request = request;
      // The handler runs when the client has said that this was all.
      this.#source.startRead();
    } else {
      this.#call.stop(refused(Status.UNIMPLEMENTED, "The method takes one request, and a second one came", "error"));
    }
  }

  /** The client says that it has sent all. */
  halfClose(): void {
    // For grpc-js, a reset ends the requests as a half-close does.
    if (this.#call.reset) {
      return;
    }
    if (this.#stream !== undefined || this.#request === undefined || this.#call.truncated) {
      this.#halfCloseTimer = setTimeout(endAfterReading, HALF_CLOSE_DELAY_MS, this.#call, this.#stream);
    } else {
      this.#call.log.request(this.#request);
      this.#call.run(this.#request);
    }
  }

  /** The call is over before all requests came: whoever waits for one gets `reason` thrown. */
  fail(reason: Error): void {
    this.#stream?.fail(reason);
  }

  /** Nothing comes any more. */
  close(): void {
    clearTimeout(this.#halfCloseTimer);
  }

  #decode(message: unknown): Message | undefined {
    // Behind the user's interceptors, messages are decoded already.
    if (!(message instanceof Uint8Array)) {
      return message as Message;
    }
    const decoded = decodeRequest(this.#call.method, message);
    if (decoded.failure === undefined) {
      return decoded.message;
    }
    this.#call.stop(decoded.failure);
    return undefined;
  }
}

// On a busy server the time is over before anything was read meanwhile: what has come by now is looked at first.
function endAfterReading(call: IntakeCall, stream: RequestStream<Message> | undefined): void {
  setImmediate(endRequests, call, stream);
}

function endRequests(call: IntakeCall, stream: RequestStream<Message> | undefined): void {
  if (call.over || call.reset) {
    return;
  }
  if (call.truncated) {
    call.stop(refused(Status.INTERNAL, "The last request ends before its length", "error"));
  } else if (stream === undefined) {
    call.stop(refused(Status.UNIMPLEMENTED, "The method takes one request, and none came", "error"));
  } else {
    stream.end();
  }
}
