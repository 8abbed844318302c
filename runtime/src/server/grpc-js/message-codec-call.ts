import type { Message } from "@bufbuild/protobuf";
import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { internalFailure } from "../../call/call-failure.js";
import { decodeRequest } from "../served-method.js";
import type { ServerCall } from "../server-call.js";

type Listener = Parameters<ServerInterceptingCallInterface["start"]>[0];
type Status = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];

/** Stands below the user's interceptors, so that they see messages. Without interceptors, calls do without it. */
export class MessageCodecCall implements ServerInterceptingCallInterface {
  readonly #next: ServerInterceptingCallInterface;
  readonly #call: ServerCall;

  constructor(next: ServerInterceptingCallInterface, call: ServerCall) {
    this.#next = next;
    this.#call = call;
  }

  start(listener: Listener): void {
    this.#next.start({
      onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
      onReceiveMessage: (bytes: Uint8Array) => {
        const decoded = decodeRequest(this.#call.method, bytes);
        if (decoded.failure === undefined) {
          listener.onReceiveMessage(decoded.message);
        } else {
          this.#call.stop(decoded.failure);
        }
      },
      onReceiveHalfClose: () => listener.onReceiveHalfClose(),
      onCancel: () => listener.onCancel(),
    });
  }

  sendMessage(message: Message, callback: () => void): void {
    let encoded: Buffer;
    try {
      encoded = this.#call.method.codecs.response.encode(message);
    } catch (error) {
      this.#call.stop(internalFailure(error, "Error serializing response"));
      return;
    }
    this.#next.sendMessage(encoded, callback);
  }

  sendMetadata(metadata: Metadata): void {
    this.#next.sendMetadata(metadata);
  }

  sendStatus(status: Status): void {
    this.#next.sendStatus(status);
  }

  startRead(): void {
    this.#next.startRead();
  }

  getPeer(): string {
    return this.#next.getPeer();
  }

  getDeadline(): ReturnType<ServerInterceptingCallInterface["getDeadline"]> {
    return this.#next.getDeadline();
  }

  getHost(): string {
    return this.#next.getHost();
  }

  getAuthContext(): ReturnType<ServerInterceptingCallInterface["getAuthContext"]> {
    return this.#next.getAuthContext();
  }

  getConnectionInfo(): ReturnType<ServerInterceptingCallInterface["getConnectionInfo"]> {
    return this.#next.getConnectionInfo();
  }

  getMetricsRecorder(): ReturnType<ServerInterceptingCallInterface["getMetricsRecorder"]> {
    return this.#next.getMetricsRecorder();
  }
}
