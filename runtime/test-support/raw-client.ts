import {
  create,
  type DescMethod,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type CallOptions, Client, credentials, Metadata, type ServiceError, type StatusObject } from "@grpc/grpc-js";

/** What a caller saw of a call. */
export interface Seen<Output> {
  readonly responses: Output[];
  readonly headers: Metadata | undefined;
  readonly code: number;
  readonly details: string;
  readonly trailers: Metadata;
}

/** A call under way. */
export interface Underway<Input, Output> {
  /** Resolves when the call has ended, whatever its status. */
  readonly seen: Promise<Seen<Output>>;
  /** Responses so far. */
  readonly responses: Output[];
  cancel(): void;
  /** Sends a message, once the one before has left. */
  send(message: Input): Promise<void>;
  halfClose(): void;
  /** Stops and goes on with reading. */
  pause(): void;
  resume(): void;
}

export interface RawCallOptions extends CallOptions {
  readonly metadata?: Metadata;
  /** Encodes requests in place of protobuf-es. */
  readonly encode?: (message: unknown) => Buffer;
}

/** Calls without any of the runtime's client: plain grpc-js. */
export class RawClient {
  readonly #client: Client;

  constructor(address: string, options: Record<string, unknown> = {}) {
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.enable_retries": 0,
      "grpc.max_send_message_length": -1,
      "grpc.max_receive_message_length": -1,
      // Each client has a connection of its own.
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
  }

  close(): void {
    this.#client.close();
  }

  /** Starts a call as a bidirectional stream, which on the wire all kinds are. */
  open<M extends DescMethod>(
    method: M,
    options: RawCallOptions = {},
  ): Underway<MessageInitShape<M["input"]>, MessageShape<M["output"]>> {
    const { metadata = new Metadata(), encode, ...callOptions } = options;
    type Output = MessageShape<M["output"]>;
    const stream = this.#client.makeBidiStreamRequest<unknown, Output>(
      `/${method.parent.typeName}/${method.name}`,
      (message) => encode?.(message) ?? encoded(method, message),
      (bytes) => fromBinary<M["output"]>(method.output, bytes),
      metadata,
      callOptions,
    );
    const responses: Output[] = [];
    let headers: Metadata | undefined;
    stream.on("metadata", (received: Metadata) => {
      headers = received;
    });
    stream.on("data", (message: Output) => responses.push(message));
    const seen = new Promise<Seen<Output>>((resolve) => {
      const ended = ({ code, details, metadata: trailers }: StatusObject): void =>
        resolve({ responses, headers, code, details, trailers });
      stream.on("error", (error: ServiceError) => ended(error));
      stream.on("status", ended);
    });
    return {
      seen,
      responses,
      cancel: () => stream.cancel(),
      send: (message) => new Promise((resolve) => stream.write(message, () => resolve())),
      halfClose: () => stream.end(),
      pause: () => stream.pause(),
      resume: () => stream.resume(),
    };
  }

  /** Makes a whole call: sends the messages, and waits for the end. */
  async call<M extends DescMethod>(
    method: M,
    requests: readonly MessageInitShape<M["input"]>[],
    options: RawCallOptions = {},
  ): Promise<Seen<MessageShape<M["output"]>>> {
    const call = this.open(method, options);
    for (const request of requests) {
      void call.send(request);
    }
    call.halfClose();
    return call.seen;
  }
}

function encoded(method: DescMethod, message: unknown): Buffer {
  return Buffer.from(toBinary(method.input, create(method.input, message as Message)));
}
