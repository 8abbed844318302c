import { type CallCredentials, Metadata, type StatusObject } from "@grpc/grpc-js";
import type { GrpcCall } from "../client/channel-call.js";
import { LONGEST_TIMER_MS } from "../contract/defaults.js";
import type { ServedMethod } from "../server/served-method.js";
import { ServerCall } from "../server/server-call.js";
import { Status } from "../wire/status.js";
import { messageOf } from "../wire/thrown-message.js";
import { FRAMING_BYTES, type InProcessPeer, InProcessTransport } from "./in-process-transport.js";

type Listener = Parameters<GrpcCall["start"]>[1];
type MessageContext = Parameters<GrpcCall["sendMessageWithContext"]>[0];

/** A response that waits for the client, or the status behind them all. */
type Event = { readonly message: Buffer } | { readonly status: StatusObject };

/**
 * A call whose server is in the same process: the client's end of it, as grpc-js's channels give one.
 *
 * Nothing is told before whoever asked for it has returned, as it is with sockets: each step is a turn of the microtasks' queue.
 */
export class InProcessCall implements GrpcCall, InProcessPeer {
  readonly #path: string;
  readonly #method: ServedMethod | undefined;
  readonly #deadlineMs: number;
  readonly #transport: InProcessTransport;
  #credentials: CallCredentials | undefined;
  #listener: Listener | undefined;
  #timer: NodeJS.Timeout | undefined;
  #events: Event[] = [];
  #reads = 0;
  /** The status is queued, or was told: nothing follows. */
  #ended = false;
  #told = false;
  /** This side has ended the call: what the server sent before is of no interest. */
  #isCut = false;
  /** Bytes of responses that nobody has read, framing included. */
  unreadBytes = 0;

  /** @param method `undefined`: nobody serves the path */
  constructor(path: string, method: ServedMethod | undefined, deadlineMs: number) {
    this.#path = path;
    this.#method = method;
    this.#deadlineMs = deadlineMs;
    this.#transport = new InProcessTransport(this);
  }

  start(metadata: Metadata, listener: Listener): void {
    this.#listener = listener;
    this.#armDeadline();
    void this.#open(metadata.clone());
  }

  async #open(metadata: Metadata): Promise<void> {
    if (this.#credentials !== undefined) {
      try {
        const init = {
          method_name: this.#path.split("/").at(-1) ?? "",
          service_url: `https://in-process${this.#path}`,
        };
        metadata.merge(await this.#credentials.generateMetadata(init));
      } catch (error) {
        this.#refuse(codeOf(error) ?? Status.UNAUTHENTICATED, messageOf(error));
        return;
      }
    } else {
      await undefined;
    }
    if (this.#ended) {
      return;
    }
    if (this.#method === undefined) {
      this.#refuse(Status.UNIMPLEMENTED, `The server doesn't serve the method ${this.#path}`);
      return;
    }
    const remainingMs = this.#deadlineMs - Date.now();
    const call = new ServerCall(this.#method, this.#transport, Math.max(0, remainingMs));
    this.#transport.connect(call, metadata);
    call.begin(undefined);
  }

  sendMessageWithContext({ callback }: MessageContext, message: Buffer): void {
    if (this.#ended) {
      return;
    }
    // The client may write its next request into the same memory.
    this.#transport.requested(Buffer.from(message), () => callback?.());
  }

  halfClose(): void {
    this.#transport.requestsEnd();
  }

  startRead(): void {
    this.#reads++;
    queueMicrotask(() => this.#flush());
  }

  cancelWithStatus(code: Status, details: string): void {
    this.#abort(code, details);
  }

  getPeer(): string {
    return "in-process";
  }

  getCallNumber(): number {
    return 0;
  }

  setCredentials(credentials: CallCredentials): void {
    this.#credentials = credentials;
  }

  getAuthContext(): null {
    return null;
  }

  // What comes from the server.

  onHeaders(headers: Metadata): void {
    queueMicrotask(() => {
      if (!this.#told && !this.#isCut) {
        this.#listener?.onReceiveMetadata(headers);
      }
    });
  }

  onResponse(message: Buffer): void {
    this.#events.push({ message });
    this.unreadBytes += message.byteLength + FRAMING_BYTES;
    queueMicrotask(() => this.#flush());
  }

  onStatus(code: Status, details: string, trailers: Metadata): void {
    this.#end({ code, details, metadata: trailers });
  }

  #armDeadline(): void {
    const remainingMs = this.#deadlineMs - Date.now();
    if (remainingMs <= LONGEST_TIMER_MS) {
      this.#timer = setTimeout(
        () => this.#abort(Status.DEADLINE_EXCEEDED, "Deadline exceeded"),
        Math.max(0, remainingMs),
      );
    }
  }

  #abort(code: Status, details: string): void {
    if (this.#told || this.#isCut) {
      return;
    }
    this.#isCut = true;
    this.#ended = true;
    this.#events = [{ status: { code, details, metadata: new Metadata() } }];
    this.#transport.gone();
    queueMicrotask(() => this.#flush());
  }

  #refuse(code: Status, details: string): void {
    this.#end({ code, details, metadata: new Metadata() });
  }

  #end(status: StatusObject): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#events.push({ status });
      queueMicrotask(() => this.#flush());
    }
  }

  #flush(): void {
    const [event] = this.#events;
    if (event === undefined || this.#told) {
      return;
    }
    if ("status" in event) {
      this.#told = true;
      clearTimeout(this.#timer);
      this.#listener?.onReceiveStatus(event.status);
    } else if (this.#reads > 0) {
      this.#reads--;
      this.#events.shift();
      this.unreadBytes -= event.message.byteLength + FRAMING_BYTES;
      this.#listener?.onReceiveMessage(event.message);
      this.#transport.read();
      // The status follows without being asked for.
      queueMicrotask(() => this.#flush());
    }
  }
}

function codeOf(error: unknown): Status | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return Object.values(Status).find((status) => status === code && status !== Status.OK);
}
