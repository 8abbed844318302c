import { setTimeout as sleep } from "node:timers/promises";
import { type CallOptions, type Channel, ContractError, Status } from "@accord-grpc/runtime";
import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Metadata } from "@grpc/grpc-js";
import {
  type ClientCompatRequest,
  type ClientResponseResult,
  ClientResponseResultSchema,
} from "../gen/connect/connectrpc/conformance/v1/client_compat_pb.js";
import { StreamType } from "../gen/connect/connectrpc/conformance/v1/config_pb.js";
import { ConformanceServiceClient } from "../gen/connect/connectrpc/conformance/v1/service_client.js";
import {
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  type Error as ConformanceError,
  type ConformancePayload,
  ConformancePayloadSchema,
  ErrorSchema,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  UnaryRequestSchema,
  UnimplementedRequestSchema,
} from "../gen/connect/connectrpc/conformance/v1/service_pb.js";
import { fromMetadata, toMetadata } from "./conformance-messages.js";

/**
 * Makes a call of the suite, and tells what became of it.
 *
 * @throws {Error} if the call isn't one that there is
 */
export async function invoke(channel: Channel, request: ClientCompatRequest): Promise<ClientResponseResult> {
  const client = new ConformanceServiceClient(channel);
  const call = new SuiteCall(request);
  switch (request.method) {
    case "Unary":
      return call.single(async (options) => (await client.unary(call.request(UnaryRequestSchema), options)).payload);
    case "IdempotentUnary":
      return call.single(
        async (options) => (await client.idempotentUnary(call.request(IdempotentUnaryRequestSchema), options)).payload,
      );
    case "Unimplemented":
      return call.single(async (options) => {
        await client.unimplemented(call.request(UnimplementedRequestSchema), options);
        return undefined;
      });
    case "ClientStream":
      return call.single(
        async (options) => (await client.clientStream(call.requests(ClientStreamRequestSchema), options)).payload,
      );
    case "ServerStream":
      return call.stream((options) => client.serverStream(call.request(ServerStreamRequestSchema), options));
    case "BidiStream":
      return call.stream((options) => client.bidiStream(call.requests(BidiStreamRequestSchema), options));
    default:
      throw new Error(`The service has no method ${request.method}`);
  }
}

/** One call, with what the suite wants to be done while it runs. */
class SuiteCall {
  readonly #request: ClientCompatRequest;
  readonly #cancelled = new AbortController();
  readonly #payloads: ConformancePayload[] = [];
  readonly #ended = deferred();
  #unsent = 0;
  #headers: Metadata | undefined;
  #trailers: Metadata | undefined;
  #received = deferred();

  constructor(request: ClientCompatRequest) {
    this.#request = request;
  }

  /** The one request of a call that has one. */
  request<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> {
    this.#cancelAfterClose();
    const [message, ...others] = this.#unpacked(schema);
    if (message === undefined || others.length > 0) {
      throw new Error(`A call of ${schema.typeName} has one request`);
    }
    return message;
  }

  /** The requests of a call that streams them, each when it is due. */
  async *requests<Desc extends DescMessage>(schema: Desc): AsyncGenerator<MessageShape<Desc>> {
    const messages = this.#unpacked(schema);
    this.#unsent = messages.length;
    const isFullDuplex = this.#request.streamType === StreamType.FULL_DUPLEX_BIDI_STREAM;
    for (const message of messages) {
      await sleep(this.#request.requestDelayMs);
      this.#unsent -= 1;
      yield message;
      if (isFullDuplex) {
        await Promise.race([this.#received.promise, this.#ended.promise]);
        this.#received = deferred();
      }
    }
    if (this.#cancelTiming?.case === "beforeCloseSend") {
      this.#cancelled.abort();
      // To return would close the stream of requests.
      await this.#ended.promise;
      return;
    }
    this.#cancelAfterClose();
  }

  async single(make: (options: Options) => Promise<ConformancePayload | undefined>): Promise<ClientResponseResult> {
    return this.#result(async () => {
      this.#payloads.push((await make(this.#options())) ?? create(ConformancePayloadSchema));
    });
  }

  async stream(
    make: (options: Options) => AsyncIterable<{ readonly payload?: ConformancePayload | undefined }>,
  ): Promise<ClientResponseResult> {
    return this.#result(async () => {
      for await (const { payload } of make(this.#options())) {
        this.#payloads.push(payload ?? create(ConformancePayloadSchema));
        this.#received.resolve();
        const timing = this.#cancelTiming;
        if (timing?.case === "afterNumResponses" && timing.value === this.#payloads.length) {
          this.#cancelled.abort();
        }
      }
    });
  }

  async #result(call: () => Promise<void>): Promise<ClientResponseResult> {
    let error: ConformanceError | undefined;
    try {
      await call();
    } catch (thrown) {
      if (!(thrown instanceof ContractError)) {
        throw thrown;
      }
      error = this.#conformanceError(thrown);
    } finally {
      this.#ended.resolve();
    }
    return create(ClientResponseResultSchema, {
      responseHeaders: fromMetadata(this.#headers),
      responseTrailers: fromMetadata(this.#trailers),
      payloads: this.#payloads,
      ...(error === undefined ? undefined : { error, numUnsentRequests: this.#unsent }),
    });
  }

  #options(): Options {
    return {
      timeoutMs: this.#request.timeoutMs ?? Number.POSITIVE_INFINITY,
      signal: this.#cancelled.signal,
      metadata: toMetadata(this.#request.requestHeaders),
      onHeaders: (headers) => {
        this.#headers = headers;
      },
      onTrailers: (trailers) => {
        this.#trailers = trailers;
      },
    };
  }

  #unpacked<Desc extends DescMessage>(schema: Desc): MessageShape<Desc>[] {
    return this.#request.requestMessages.map((any) => {
      const message = anyUnpack(any, schema);
      if (message === undefined) {
        throw new Error(`A request is ${any.typeUrl}, not ${schema.typeName}`);
      }
      return message;
    });
  }

  get #cancelTiming() {
    const { cancel } = this.#request;
    if (cancel === undefined) {
      return undefined;
    }
    return cancel.cancelTiming.case === undefined
      ? ({ case: "afterCloseSendMs", value: 0 } as const)
      : cancel.cancelTiming;
  }

  #cancelAfterClose(): void {
    const timing = this.#cancelTiming;
    if (timing?.case === "afterCloseSendMs") {
      setTimeout(() => this.#cancelled.abort(), timing.value);
    }
  }

  #conformanceError(error: ContractError): ConformanceError {
    return create(ErrorSchema, {
      code: error.status === Status.OK ? Status.UNKNOWN : error.status,
      message: error.message,
      details: [...error.details],
    });
  }
}

type Options = CallOptions & Required<Pick<CallOptions, "timeoutMs">>;

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
}

function deferred(): Deferred {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
