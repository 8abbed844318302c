import type { PeerCertificate } from "node:tls";
import type { Metadata } from "@grpc/grpc-js";
import type { CallFailure } from "../../call/call-failure.js";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";
import type { Status } from "../../wire/status.js";

/** Bytes that can be copied once, at once: an encoder's scratch memory, or a Buffer. */
export interface CopyableBytes {
  readonly byteLength: number;
  copy(target: Uint8Array, targetStart?: number): number;
}

/** What carries one call: headers, messages and a status, without what they mean. None of it throws, unless it says so. */
export interface CallTransport {
  /** `127.0.0.1:51234` */
  readonly peer: string;
  readonly peerCertificate: PeerCertificate | undefined;
  /** What the caller calls this server: `:authority`. */
  readonly host: string;
  readonly addresses: ConnectionAddresses;
  /** What the caller sent. Made when it is first asked for. */
  readonly requestMetadata: Metadata;
  /** A header as it came, without making metadata of all of them. */
  requestHeader(name: string): string | undefined;
  /** Whether the message that was given last came compressed. */
  readonly requestCompressed: boolean;
  /** Whether responses may be compressed: the caller reads it, and this transport can send it. */
  readonly acceptsGzip: boolean;
  /** Whether it compresses by itself what it is told to: what it carries isn't the message's bytes. */
  readonly packsItself?: boolean;
  /** The message that came last is the handler's now: a transport that counts what it holds for calls counts it no more. */
  release(): void;
  /** What came so far, with gRPC's framing. */
  readonly receivedBytes: number;
  /** The status that left for the peer; `undefined` while none did. */
  readonly sentStatus: Status | undefined;
  /** Reads one message, which is then given to {@link CallReceiver.onMessage}. The first pull is what begins to read the body. */
  pull(): void;
  /**
   * Sends the response headers, once; later calls do nothing.
   *
   * @param compressing whether messages that follow may be compressed
   * @throws {Error} if they can't be sent
   */
  sendHeaders(metadata: Metadata | undefined, compressing: boolean): void;
  /**
   * Sends a message, behind the headers.
   *
   * @param compressed whether it is: by gzip, and the headers said so; or is to be, where the transport compresses by itself
   * @returns `false` if the peer reads more slowly than is sent: {@link CallReceiver.onRoom} says when to go on
   */
  sendMessage(message: CopyableBytes, compressed: boolean): boolean;
  /** Sends the status, behind the messages; without headers as a trailers-only answer. @throws {Error} if it can't be sent */
  sendStatus(status: Status, message: string, trailers: Metadata | undefined): void;
  /** Ends the call without a status: it can't be sent. */
  reset(): void;
  /** Has the peer make its next calls on another connection. Only where the transport's connections carry several. */
  leave?(): void;
}

/** Who is told of what comes on a {@link CallTransport}. */
export interface CallReceiver {
  /** The most bytes that a message may have, unpacked. */
  readonly maxRequestBytes: number;
  /** The method takes one request: its handler runs when all of it is there. */
  readonly isSingleRequest: boolean;
  /** A message came that was asked for. */
  onMessage(bytes: Uint8Array): void;
  /** Somebody waits for a message, and none comes any more. @param truncated the last one ends before its length */
  onRequestsEnd(truncated: boolean): void;
  /** There is room for more to send. */
  onRoom(): void;
  /** The stream is done with, whether the call was cancelled or ended. Called once. */
  onClose(): void;
  /** Ends the call: what came is no gRPC. `false` if the call was over. */
  stop(failure: CallFailure): boolean;
}
