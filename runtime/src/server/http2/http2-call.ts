import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { PeerCertificate } from "node:tls";
import { Metadata } from "@grpc/grpc-js";
import { type CallFailure, refused } from "../../call/call-failure.js";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";
import { freeAtOnce } from "../../wire/end-after-streams.js";
import { Status } from "../../wire/status.js";
import { encodeStatusMessage } from "../../wire/status-message.js";
import type { CallReceiver, CallTransport, CopyableBytes } from "../transport/call-transport.js";
import { type Alarm, deadlines, type Expiring } from "../transport/deadline-wheel.js";
import { ACCEPTED_ENCODINGS, type MessageEncoding, unpack } from "../transport/message-encoding.js";
import { readAhead, stopReadingAhead } from "./fault-reads-ahead.js";
import { HEAD_BYTES, MessageReader } from "./message-reader.js";
import { addMetadata } from "./outgoing-fields.js";
import type { BufferingCall, RequestBudget } from "./request-budget.js";
import type { ServedSession } from "./served-session.js";

/** What the calls of a server share. */
export interface CallLimits {
  readonly budget: RequestBudget;
  /**
   * How long a message may take from its first byte to its last, and the request of a method that takes one to its end; anew
   * whenever so much more of it has come that somebody must be sending it.
   */
  readonly requestTimeoutMs: number;
}

// Enough to keep the connection busy, and little enough for any number of slow readers.
const MAX_UNSENT_BYTES = 64 * 1024;
// So many small messages cost as much as those bytes do, and a handler that makes them without ever waiting would keep the event
// loop from sending them.
const MAX_UNSENT_MESSAGES = 256;

// How long the messages before an error's status may wait for a peer that doesn't read. Then the stream is reset: nobody is waiting.
const UNSENT_STATUS_MS = 10_000;

// What shows that a message is on its way.
const PROGRESS_BYTES = 64 * 1024;

const WITH_TRAILERS = { waitForTrailers: true } as const;
const WITHOUT_BODY = { endStream: true } as const;

const OVERFULL = refused(Status.UNAVAILABLE, "The server holds as many requests as it can");

const EMPTY_MESSAGE = Buffer.alloc(HEAD_BYTES);

const CALL = Symbol("accord.http2Call");

type CarryingStream = ServerHttp2Stream & { [CALL]: Http2Call };

/**
 * One gRPC call on a stream of `node:http2`: gRPC over HTTP/2 as PROTOCOL-HTTP2 has it, seen from the server.
 *
 * One object and no closure per call: the listeners are the same functions for all streams, and find the call on theirs.
 */
export class Http2Call implements CallTransport, BufferingCall, Expiring {
  requestCompressed = false;
  receivedBytes = 0;
  sentStatus: Status | undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #session: ServedSession;
  readonly #requestHeaders: IncomingHttpHeaders;
  readonly #encoding: MessageEncoding | undefined;
  readonly #reader: MessageReader;
  readonly #receiver: CallReceiver;
  readonly #limits: CallLimits;
  #metadata: Metadata | undefined;
  // Of what comes in.
  #isReading = false;
  #isWanted = false;
  #isDelivering = false;
  #isPaused = false;
  #isUnpacking = false;
  #hasEnded = false;
  #keptBytes = 0;
  #countedBytes = 0;
  #isWaiting = false;
  #alarm: Alarm | undefined;
  /** What had been received when the time began. */
  #timedFrom = 0;
  // Of what goes out.
  #unsentMessages = 0;
  #status: Status | undefined;
  #trailers: OutgoingHttpHeaders | undefined;
  #isGone = false;

  /**
   * @param encoding what the call's requests are encoded in
   * @param makeReceiver is given the call, and makes who is told of what comes
   */
  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    session: ServedSession,
    encoding: MessageEncoding | undefined,
    limits: CallLimits,
    makeReceiver: (call: Http2Call) => CallReceiver,
  ) {
    this.#stream = stream;
    this.#session = session;
    this.#requestHeaders = headers;
    this.#encoding = encoding;
    this.#limits = limits;
    this.#receiver = makeReceiver(this);
    this.#reader = new MessageReader(this.#receiver.maxRequestBytes, encoding !== undefined);
    (stream as CarryingStream)[CALL] = this;
    stream.on("error", ignored);
    stream.on("aborted", onAborted);
    stream.on("close", onClose);
    session.callStarted();
  }

  // Who calls.

  get peer(): string {
    return this.#session.peer;
  }

  get peerCertificate(): PeerCertificate | undefined {
    return this.#session.peerCertificate;
  }

  get addresses(): ConnectionAddresses {
    return this.#session.addresses;
  }

  get host(): string {
    return this.#requestHeaders[":authority"] ?? String(this.#requestHeaders.host ?? "");
  }

  get requestMetadata(): Metadata {
    this.#metadata ??= metadataOf(this.#requestHeaders);
    return this.#metadata;
  }

  requestHeader(name: string): string | undefined {
    const value = this.#requestHeaders[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  get acceptsGzip(): boolean {
    const accepted = this.requestHeader("grpc-accept-encoding");
    return accepted !== undefined && /(?:^|,)\s*gzip\s*(?:,|$)/.test(accepted);
  }

  // What comes in.

  pull(): void {
    this.#isWanted = true;
    if (!this.#isReading) {
      this.#isReading = true;
      (this.#stream as CarryingStream).on("data", onData).on("end", onEnd);
    }
    if (!this.#isDelivering) {
      this.#deliver();
    }
  }

  /** Bytes came. */
  received(chunk: Buffer): void {
    this.receivedBytes += chunk.byteLength;
    this.#session.read(chunk.byteLength);
    if (this.#status === undefined && !this.#isGone) {
      if (this.receivedBytes - this.#timedFrom >= PROGRESS_BYTES) {
        // Little bandwidth isn't a peer that keeps the server waiting: the time runs anew.
        this.#silence();
      }
      this.#reader.push(chunk);
      this.#deliver();
    }
  }

  /** The peer has sent all. */
  receivedEnd(): void {
    if (!this.#stream.closed) {
      freeAtOnce(this.#stream);
    }
    // For Node, a reset without an error ends the requests as a half-close does.
    if (!this.#stream.aborted) {
      this.#hasEnded = true;
      this.#deliver();
    }
  }

  #deliver(): void {
    this.#isDelivering = true;
    while (this.#isWanted && !this.#isUnpacking && !this.#isGone) {
      const message = this.#reader.read();
      if (message === undefined) {
        this.#missing();
        break;
      }
      this.requestCompressed = this.#reader.compressed;
      if (this.requestCompressed && this.#encoding !== undefined) {
        this.#isUnpacking = true;
        unpack(this.#encoding, message, this.#receiver.maxRequestBytes, (unpacked, failure) =>
          this.#unpacked(unpacked, failure),
        );
      } else {
        this.#give(message);
      }
    }
    this.#isDelivering = false;
    this.#account();
    this.#steer();
  }

  #give(message: Buffer): void {
    this.#isWanted = false;
    if (this.#receiver.isSingleRequest) {
      // Its handler gets it when the peer has said that this was all.
      this.#keptBytes += message.byteLength;
    }
    this.#receiver.onMessage(message);
  }

  /** The handler has got what was kept for it. */
  release(): void {
    this.#keptBytes = 0;
    this.#account();
  }

  /** Tells the server's budget what is held, and whether it may become more. */
  #account(): void {
    const isOpen = !this.#isGone && this.#status === undefined;
    const held = isOpen ? this.#reader.heldBytes + this.#keptBytes : 0;
    const more = held - this.#countedBytes;
    if (more !== 0) {
      this.#countedBytes = held;
      this.#limits.budget.hold(more);
    }
    const isBuffering = isOpen && !this.#hasEnded && this.#reader.isWithinMessage && this.#reader.heldBytes > 0;
    if (!isBuffering) {
      if (more < 0 || this.#isWaiting) {
        this.#isWaiting = false;
        this.#limits.budget.done(this);
      }
    } else if (more > 0 && !this.#isWaiting) {
      const permission = this.#limits.budget.ask(this);
      if (permission === "refuse") {
        this.#receiver.stop(OVERFULL);
      }
      this.#isWaiting = permission === "wait";
    }
    this.#time(isOpen);
  }

  /** Sets and clears the time that a message has. While it waits for others, that is this side's doing. */
  #time(isOpen: boolean): void {
    const isDue =
      isOpen &&
      !this.#isWaiting &&
      !this.#hasEnded &&
      (this.#reader.isWithinMessage || (this.#isReading && this.#receiver.isSingleRequest));
    if (isDue && this.#alarm === undefined && this.#limits.requestTimeoutMs !== Number.POSITIVE_INFINITY) {
      this.#timedFrom = this.receivedBytes;
      this.#alarm = deadlines.set(this, this.#limits.requestTimeoutMs);
    } else if (!isDue) {
      this.#silence();
    }
  }

  #silence(): void {
    if (this.#alarm !== undefined) {
      deadlines.clear(this.#alarm);
      this.#alarm = undefined;
    }
  }

  get missingBytes(): number {
    return this.#reader.missingBytes;
  }

  holdOn(): void {
    this.#isWaiting = true;
    this.#time(true);
    this.#steer();
  }

  readOn(): void {
    this.#isWaiting = false;
    this.#reader.expectAll();
    this.#time(true);
    this.#steer();
  }

  /** The message took too long to come, or the messages before a status to leave. */
  expired(): void {
    this.#alarm = undefined;
    if (this.#status !== undefined) {
      this.#stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    const text = `The request wasn't complete within ${this.#limits.requestTimeoutMs} ms`;
    this.#receiver.stop(refused(Status.DEADLINE_EXCEEDED, text));
  }

  #missing(): void {
    const { fault } = this.#reader;
    if (fault !== undefined) {
      this.#isWanted = false;
      this.#receiver.stop(fault);
    } else if (this.#hasEnded) {
      this.#isWanted = false;
      this.#receiver.onRequestsEnd(this.#reader.isWithinMessage);
    }
  }

  #unpacked(message: Buffer | undefined, failure: CallFailure | undefined): void {
    this.#isUnpacking = false;
    if (this.#isGone || this.#status !== undefined) {
      return;
    }
    if (message === undefined) {
      this.#isWanted = false;
      if (failure !== undefined) {
        this.#receiver.stop(failure);
      }
      return;
    }
    this.#give(message);
    if (!this.#isDelivering) {
      this.#deliver();
    }
  }

  /** Reads on, or has HTTP/2 hold the peer back. */
  #steer(): void {
    if (this.#isGone || this.#status !== undefined) {
      return;
    }
    const mustWait = this.#reader.hasUnread || this.#isUnpacking || this.#isWaiting;
    if (mustWait && !this.#isPaused && !this.#hasEnded) {
      this.#isPaused = true;
      this.#stream.pause();
      this.#reader.compact();
    }
    if (this.#isWaiting) {
      stopReadingAhead(this.#stream);
    } else if (!mustWait && this.#isPaused && this.#isWanted) {
      this.#isPaused = false;
      resume(this.#stream);
    }
  }

  // What goes out.

  sendHeaders(metadata: Metadata | undefined, compressing: boolean): void {
    const stream = this.#stream;
    if (stream.headersSent || !this.#isWritable) {
      return;
    }
    const fields: OutgoingHttpHeaders = {
      ":status": 200,
      "content-type": this.#contentType,
    };
    if (compressing) {
      fields["grpc-encoding"] = "gzip";
    }
    if (metadata !== undefined) {
      addMetadata(fields, metadata);
    }
    stream.respond(fields, WITH_TRAILERS);
    this.#session.sent();
    stream.on("wantTrailers", onWantTrailers);
  }

  sendMessage(message: CopyableBytes, compressed: boolean): boolean {
    const stream = this.#stream;
    if (!this.#isWritable) {
      return true;
    }
    const { byteLength } = message;
    let frame = EMPTY_MESSAGE;
    if (byteLength > 0) {
      frame = Buffer.allocUnsafe(HEAD_BYTES + byteLength);
      frame[0] = compressed ? 1 : 0;
      frame.writeUInt32BE(byteLength, 1);
      message.copy(frame, HEAD_BYTES);
    }
    this.#session.sent();
    if (stream.write(frame)) {
      return true;
    }
    this.#unsentMessages += 1;
    if (this.#unsentMessages < MAX_UNSENT_MESSAGES && stream.writableLength < MAX_UNSENT_BYTES) {
      return true;
    }
    stream.once("drain", onDrain);
    return false;
  }

  /** What was sent has left. */
  drained(): void {
    this.#unsentMessages = 0;
    this.#receiver.onRoom();
  }

  sendStatus(status: Status, message: string, trailers: Metadata | undefined): void {
    const stream = this.#stream;
    if (!this.#isWritable) {
      return;
    }
    const isTrailersOnly = !stream.headersSent;
    const fields: OutgoingHttpHeaders = isTrailersOnly
      ? {
          ":status": 200,
          "content-type": this.#contentType,
          "grpc-status": status,
        }
      : { "grpc-status": status };
    if (isTrailersOnly && status === Status.UNIMPLEMENTED) {
      // It may be the request's encoding that the server doesn't know.
      fields["grpc-accept-encoding"] = ACCEPTED_ENCODINGS;
    }
    if (status !== 0 && message !== "") {
      fields["grpc-message"] = encodeStatusMessage(message);
    }
    if (trailers !== undefined) {
      addMetadata(fields, trailers);
    }
    this.#status = status;
    this.#session.sent();
    this.#account();
    if (isTrailersOnly) {
      stream.respond(fields, WITHOUT_BODY);
      this.sentStatus = status;
      this.#endRequests();
    } else {
      this.#trailers = fields;
      if (status !== 0) {
        this.#alarm = deadlines.set(this, UNSENT_STATUS_MS);
      }
      stream.end();
    }
  }

  /** The messages have left, and the trailers may. */
  wantsTrailers(): void {
    if (this.#trailers === undefined) {
      return;
    }
    this.#silence();
    try {
      this.#stream.sendTrailers(this.#trailers);
      this.sentStatus = this.#status;
      this.#endRequests();
    } catch {
      // It was destroyed meanwhile. Nobody could catch this.
    }
  }

  reset(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  leave(): void {
    this.#session.leave();
  }

  /** The peer has reset the stream. */
  aborted(): void {
    // After a reset without an error, Node waits until somebody has read what came.
    resume(this.#stream);
  }

  /** The stream is done with. */
  closed(): void {
    if (!this.#isGone) {
      this.#isGone = true;
      this.#account();
      this.#silence();
      this.#session.callEnded(this.#stream.aborted);
      this.#receiver.onClose();
    }
  }

  get #isWritable(): boolean {
    const stream = this.#stream;
    return this.#status === undefined && !this.#isGone && !stream.destroyed && !stream.closed;
  }

  // PROTOCOL-HTTP2 lets a server answer in the caller's own spelling.
  get #contentType(): string {
    return this.#requestHeaders["content-type"] === "application/grpc+proto"
      ? "application/grpc+proto"
      : "application/grpc";
  }

  /** The answer is complete. What the peer may still send is dropped, and it is told that nobody wants it. */
  #endRequests(): void {
    const stream = this.#stream;
    if (stream.readableEnded) {
      return;
    }
    resume(stream);
    setImmediate(endWhenSent, stream);
  }
}

function resume(stream: ServerHttp2Stream): void {
  readAhead(stream);
  stream.resume();
}

// RST_STREAM overtakes trailers that are still queued.
function endWhenSent(stream: ServerHttp2Stream): void {
  if (stream.closed || stream.destroyed) {
    return;
  }
  if (stream.session?.state.outboundQueueSize === 0) {
    stream.close(constants.NGHTTP2_NO_ERROR);
  } else {
    setTimeout(endWhenSent, TRAILERS_QUEUED_MS, stream).unref();
  }
}

// How long trailers that the connection has no room for are given before somebody looks again.
const TRAILERS_QUEUED_MS = 20;

function metadataOf(headers: IncomingHttpHeaders): Metadata {
  const metadata = Metadata.fromHttp2Headers(headers);
  for (const name of TRANSPORT_HEADERS) {
    metadata.remove(name);
  }
  return metadata;
}

// They say how the call is carried, and nothing to its handler.
const TRANSPORT_HEADERS = [
  ...["te", "content-type", "accept-encoding", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding"],
];

function onData(this: CarryingStream, chunk: Buffer): void {
  this[CALL].received(chunk);
}

function onEnd(this: CarryingStream): void {
  this[CALL].receivedEnd();
}

function onWantTrailers(this: CarryingStream): void {
  this[CALL].wantsTrailers();
}

function onDrain(this: CarryingStream): void {
  this[CALL].drained();
}

function onAborted(this: CarryingStream): void {
  this[CALL].aborted();
}

function onClose(this: CarryingStream): void {
  this[CALL].closed();
}

function ignored(): void {}
