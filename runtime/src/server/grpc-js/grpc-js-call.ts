import type { PeerCertificate } from "node:tls";
import { Metadata, type ServerDuplexStream } from "@grpc/grpc-js";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";
import { hostPort } from "../../wire/host-port.js";
import { outgoingMetadata } from "../../wire/outgoing-metadata.js";
import { Status } from "../../wire/status.js";
import type { CallReceiver, CallTransport, CopyableBytes } from "../transport/call-transport.js";

/**
 * A call that grpc-js's own server carries, by its public handler interface: each method is one of streams both ways there, as
 * all kinds are on the wire.
 */
export class GrpcJsCall implements CallTransport {
  readonly requestCompressed = false;
  // grpc-js's server compresses no responses.
  readonly acceptsGzip = false;
  receivedBytes = 0;
  sentStatus: Status | undefined;
  readonly #stream: ServerDuplexStream<Buffer, Buffer>;
  readonly #receiver: CallReceiver;
  #isReading = false;
  #isWanted = false;
  #hasEnded = false;
  #hasSentHeaders = false;
  #isGone = false;

  /** @param makeReceiver is given the call, and makes who is told of what comes */
  constructor(stream: ServerDuplexStream<Buffer, Buffer>, makeReceiver: (call: GrpcJsCall) => CallReceiver) {
    this.#stream = stream;
    this.#receiver = makeReceiver(this);
    stream.on("cancelled", () => this.#closed());
    // How it ends calls that it ended itself, and how handlers do: see `sendStatus`.
    stream.on("error", () => this.#closed());
    stream.on("finish", () => this.#closed());
  }

  get peer(): string {
    return this.#stream.getPeer();
  }

  get peerCertificate(): PeerCertificate | undefined {
    return this.#stream.getAuthContext().sslPeerCertificate;
  }

  get host(): string {
    return this.#stream.getHost();
  }

  get addresses(): ConnectionAddresses {
    const { host, port } = hostPort(this.peer);
    return { remoteAddress: host, remotePort: port };
  }

  get requestMetadata(): Metadata {
    return this.#stream.metadata;
  }

  requestHeader(name: string): string | undefined {
    const [value] = this.#stream.metadata.get(name);
    return typeof value === "string" ? value : undefined;
  }

  release(): void {}

  pull(): void {
    this.#isWanted = true;
    if (!this.#isReading) {
      this.#isReading = true;
      this.#stream.on("data", (message: Buffer) => this.#received(message));
      this.#stream.on("end", () => this.#ended());
    } else if (this.#hasEnded) {
      // Not before whoever pulls has returned.
      process.nextTick(() => this.#ended());
    } else {
      this.#stream.resume();
    }
  }

  sendHeaders(metadata: Metadata | undefined): void {
    if (!this.#hasSentHeaders && !this.#isGone) {
      this.#hasSentHeaders = true;
      this.#stream.sendMetadata(metadata === undefined ? new Metadata() : outgoingMetadata(metadata));
    }
  }

  sendMessage(message: CopyableBytes): boolean {
    if (this.#isGone) {
      return true;
    }
    const bytes = Buffer.allocUnsafe(message.byteLength);
    message.copy(bytes);
    const hasRoom = this.#stream.write(bytes);
    if (!hasRoom) {
      this.#stream.once("drain", () => this.#receiver.onRoom());
    }
    return hasRoom;
  }

  sendStatus(status: Status, message: string, trailers: Metadata | undefined): void {
    if (this.#isGone || this.sentStatus !== undefined) {
      return;
    }
    const metadata = trailers === undefined ? new Metadata() : outgoingMetadata(trailers);
    this.sentStatus = status;
    if (status === Status.OK) {
      this.#stream.end(metadata);
    } else {
      this.#stream.emit("error", { code: status, details: message, metadata });
    }
  }

  reset(): void {
    this.sendStatus(Status.INTERNAL, "The response headers can't be sent", undefined);
  }

  #received(message: Buffer): void {
    this.receivedBytes += message.byteLength + FRAMING_BYTES;
    this.#stream.pause();
    if (this.#isWanted) {
      this.#isWanted = false;
      this.#receiver.onMessage(message);
    }
  }

  #ended(): void {
    this.#hasEnded = true;
    if (this.#isWanted && !this.#isGone) {
      this.#isWanted = false;
      this.#receiver.onRequestsEnd(false);
    }
  }

  #closed(): void {
    if (!this.#isGone) {
      this.#isGone = true;
      this.#receiver.onClose();
    }
  }
}

/** What gRPC puts before each message. */
const FRAMING_BYTES = 5;
