import type { Message } from "@bufbuild/protobuf";
import { type CallFailure, refused } from "../call/call-failure.js";
import type { CallLog } from "../call/call-log.js";
import { Status } from "../wire/status.js";
import { RequestStream } from "./request-stream.js";
import { decodeRequest, type ServedMethod } from "./served-method.js";
import type { CallTransport } from "./transport/call-transport.js";

/** The call that requests come in on. */
export interface IntakeCall {
  readonly method: ServedMethod;
  readonly log: CallLog;
  /** A status is on its way, or the peer has gone. */
  readonly over: boolean;
  /** What the call's interceptors make of a request. What they throw ends the call: then there is none. */
  seenRequest(request: Message): Message | undefined;
  /** The request is there, and so is all that the peer sends. Unless somebody {@link RequestIntake.ask}ed for it. */
  requestReady(request: Message): void;
  stop(failure: CallFailure): boolean;
}

// A client on Node that cancels half-closes its stream first, and resets it with the next packet: most often within half a
// millisecond. A handler that heard of the half-close at once would take half of a stream for all of it, and commit it.
const HALF_CLOSE_DELAY_MS = 1;

/** What comes in on a call: requests are decoded and counted, and handed on when the handler has what it needs. */
export class RequestIntake {
  /** How many messages came. */
  count = 0;
  readonly #call: IntakeCall;
  readonly #source: CallTransport;
  #request: Message | undefined;
  #stream: RequestStream<Message> | undefined;
  #asked: AskedRequest | undefined;
  /** Why no request comes any more, if the call was over before all had come. */
  #failedWith: Error | undefined;
  #halfCloseTimer: NodeJS.Timeout | undefined;

  constructor(call: IntakeCall, source: CallTransport) {
    this.#call = call;
    this.#source = source;
  }

  /** The request of a method that takes one, once it has come. */
  get request(): Message | undefined {
    return this.#request;
  }

  /** The requests of a method that takes a stream: each is read when somebody waits for it. */
  get requests(): RequestStream<Message> {
    if (this.#stream === undefined) {
      this.#stream = new RequestStream<Message>(this.#source);
      if (this.#failedWith !== undefined) {
        this.#stream.fail(this.#failedWith);
      }
    }
    return this.#stream;
  }

  /** The request of a method that takes one, for who must see it before its handler does: once for all who ask. */
  ask(): Promise<Message> {
    if (this.#asked === undefined) {
      this.#asked = askedRequest();
      if (this.#failedWith !== undefined) {
        this.#asked.reject(this.#failedWith);
      } else {
        this.begin();
      }
    }
    return this.#asked.promise;
  }

  /** Reads the request of a method that takes one. */
  begin(): void {
    this.#source.pull();
  }

  /** A message came. */
  message(bytes: Uint8Array): void {
    this.count += 1;
    const decoded = decodeRequest(this.#call.method, bytes);
    if (decoded.failure !== undefined) {
      this.#call.stop(decoded.failure);
      return;
    }
    const request = this.#call.seenRequest(decoded.message);
    if (request === undefined) {
      return;
    }
    if (this.#stream !== undefined) {
      this.#call.log.request(request);
      this.#stream.push(request);
    } else if (this.#request === undefined) {
      this.#request = request;
      // The handler runs when the client has said that this was all.
      this.#source.pull();
    } else {
      this.#call.stop(refused(Status.UNIMPLEMENTED, "The method takes one request, and a second one came", "error"));
    }
  }

  /** The client says that it has sent all. */
  end(truncated: boolean): void {
    if (this.#stream !== undefined || this.#request === undefined || truncated) {
      this.#halfCloseTimer = setTimeout(endAfterReading, HALF_CLOSE_DELAY_MS, this.#call, this.#stream, truncated);
    } else {
      this.#call.log.request(this.#request);
      this.#source.release();
      if (this.#asked !== undefined) {
        this.#asked.resolve(this.#request);
      } else {
        this.#call.requestReady(this.#request);
      }
    }
  }

  /** The call is over before all requests came: whoever waits for one gets `reason` thrown. */
  fail(reason: Error): void {
    this.#failedWith = reason;
    this.#stream?.fail(reason);
    this.#asked?.reject(reason);
  }

  /** Nothing comes any more. */
  close(): void {
    clearTimeout(this.#halfCloseTimer);
  }
}

type Requests = RequestStream<Message> | undefined;

// On a busy server the time is over before anything was read meanwhile: what has come by now is looked at first.
function endAfterReading(call: IntakeCall, stream: Requests, truncated: boolean): void {
  setImmediate(endRequests, call, stream, truncated);
}

function endRequests(call: IntakeCall, stream: Requests, truncated: boolean): void {
  if (call.over) {
    return;
  }
  if (truncated) {
    call.stop(refused(Status.INTERNAL, "The last request ends before its length", "error"));
  } else if (stream === undefined) {
    call.stop(refused(Status.UNIMPLEMENTED, "The method takes one request, and none came", "error"));
  } else {
    stream.end();
  }
}

interface AskedRequest {
  readonly promise: Promise<Message>;
  resolve(request: Message): void;
  reject(reason: Error): void;
}

function askedRequest(): AskedRequest {
  let resolve: AskedRequest["resolve"] = () => {};
  let reject: AskedRequest["reject"] = () => {};
  const promise = new Promise<Message>((resolveWith, rejectWith) => {
    resolve = resolveWith;
    reject = rejectWith;
  });
  // An interceptor that asked for the request and then forgot about it must not end the process.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
