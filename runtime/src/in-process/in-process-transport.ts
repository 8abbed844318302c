import { Metadata } from "@grpc/grpc-js";
import type { CallReceiver, CallTransport, CopyableBytes } from "../server/transport/call-transport.js";
import type { ConnectionAddresses } from "../wire/connection-addresses.js";
import { outgoingMetadata } from "../wire/outgoing-metadata.js";
import { Status } from "../wire/status.js";

/** Who is told of what a server answers. */
export interface InProcessPeer {
  onHeaders(headers: Metadata): void;
  onResponse(message: Buffer): void;
  onStatus(status: Status, message: string, trailers: Metadata): void;
  readonly unreadBytes: number;
}

/** What either side may have under way before it waits for the other: HTTP/2's first window. */
const WINDOW_BYTES = 65_535;
/** What gRPC puts before each message. */
export const FRAMING_BYTES = 5;

interface QueuedRequest {
  readonly bytes: Buffer;
  readonly taken: () => void;
}

/** A call whose client is in the same process: the server's end of it. */
export class InProcessTransport implements CallTransport {
  readonly peer = "in-process";
  readonly peerCertificate = undefined;
  readonly host = "in-process";
  readonly addresses: ConnectionAddresses = {};
  readonly requestCompressed = false;
  readonly acceptsGzip = false;
  receivedBytes = 0;
  sentStatus: Status | undefined;
  requestMetadata = new Metadata();
  readonly #peer: InProcessPeer;
  #receiver: CallReceiver | undefined;
  readonly #requests: QueuedRequest[] = [];
  #queuedBytes = 0;
  #isWanted = false;
  #hasEnded = false;
  #hasSentHeaders = false;
  #isGone = false;
  #isFull = false;

  constructor(peer: InProcessPeer) {
    this.#peer = peer;
  }

  /** The server's side of the call is there. */
  connect(receiver: CallReceiver, metadata: Metadata): void {
    this.#receiver = receiver;
    this.requestMetadata = metadata;
  }

  // What comes from the client.

  /** @param taken called when there is room for another request */
  requested(bytes: Buffer, taken: () => void): void {
    if (this.#isGone) {
      return;
    }
    const hasRoom = this.#queuedBytes < WINDOW_BYTES;
    this.#queuedBytes += bytes.byteLength + FRAMING_BYTES;
    this.#requests.push({ bytes, taken: hasRoom ? () => {} : taken });
    if (hasRoom) {
      queueMicrotask(taken);
    }
    queueMicrotask(() => this.#deliver());
  }

  requestsEnd(): void {
    this.#hasEnded = true;
    queueMicrotask(() => this.#deliver());
  }

  /** The client has read a response. */
  read(): void {
    if (this.#isFull && this.#peer.unreadBytes < WINDOW_BYTES && !this.#isGone) {
      this.#isFull = false;
      queueMicrotask(() => this.#receiver?.onRoom());
    }
  }

  /** The client has ended the call. */
  gone(): void {
    if (!this.#isGone) {
      this.#isGone = true;
      this.#requests.length = 0;
      queueMicrotask(() => this.#receiver?.onClose());
    }
  }

  // What the server does.

  requestHeader(name: string): string | undefined {
    const [value] = this.requestMetadata.get(name);
    return typeof value === "string" ? value : undefined;
  }

  release(): void {}

  pull(): void {
    this.#isWanted = true;
    queueMicrotask(() => this.#deliver());
  }

  sendHeaders(metadata: Metadata | undefined): void {
    if (!this.#hasSentHeaders && !this.#isGone) {
      this.#hasSentHeaders = true;
      this.#peer.onHeaders(metadata === undefined ? new Metadata() : outgoingMetadata(metadata).clone());
    }
  }

  sendMessage(message: CopyableBytes): boolean {
    if (this.#isGone) {
      return true;
    }
    const bytes = Buffer.allocUnsafe(message.byteLength);
    message.copy(bytes);
    this.#peer.onResponse(bytes);
    this.#isFull = this.#peer.unreadBytes >= WINDOW_BYTES;
    return !this.#isFull;
  }

  sendStatus(status: Status, message: string, trailers: Metadata | undefined): void {
    if (this.#isGone || this.sentStatus !== undefined) {
      return;
    }
    this.sentStatus = status;
    const metadata = trailers === undefined ? new Metadata() : outgoingMetadata(trailers).clone();
    this.#peer.onStatus(status, message, metadata);
    this.gone();
  }

  reset(): void {
    this.sendStatus(Status.INTERNAL, "The response headers can't be sent", undefined);
  }

  #deliver(): void {
    if (!this.#isWanted || this.#isGone || this.#receiver === undefined) {
      return;
    }
    const request = this.#requests.shift();
    if (request !== undefined) {
      this.#isWanted = false;
      this.#queuedBytes -= request.bytes.byteLength + FRAMING_BYTES;
      this.receivedBytes += request.bytes.byteLength + FRAMING_BYTES;
      request.taken();
      this.#receiver.onMessage(request.bytes);
    } else if (this.#hasEnded) {
      this.#isWanted = false;
      this.#receiver.onRequestsEnd(false);
    }
  }
}
