import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Server, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import {
  type ProbeRequest,
  ProbeRequestSchema,
  type ProbeResponse,
  ProbeResponseSchema,
} from "../../runtime/test-support/gen/probe/v1/probe_pb.js";
import type { Calls } from "./node-client.js";
import { type Refusal, type Served, type ServerInit, type Serving, served } from "./node-server.js";
import { GET, PUT, SERVICE_CONFIG } from "./work.js";

const STREAM = "/probe.v1.ProbeService/ServerStream";

const encodeRequest = (request: ProbeRequest): Buffer => Buffer.from(toBinary(ProbeRequestSchema, request));
const decodeResponse = (bytes: Buffer): ProbeResponse => fromBinary(ProbeResponseSchema, new Uint8Array(bytes));
const shapes = {
  requestSerialize: encodeRequest,
  requestDeserialize: (bytes: Buffer) => fromBinary(ProbeRequestSchema, new Uint8Array(bytes)),
  responseSerialize: (response: { padding: Uint8Array }) =>
    Buffer.from(toBinary(ProbeResponseSchema, create(ProbeResponseSchema, response))),
  responseDeserialize: decodeResponse,
  requestStream: false,
};

/** A server by plain grpc-js, with default options. */
export function serve(seen: Served, { address }: ServerInit): Promise<Serving> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const methods = {
    put: { path: PUT, responseStream: false, ...shapes },
    get: { path: GET, responseStream: false, ...shapes },
    stream: { path: STREAM, responseStream: true, ...shapes },
  };
  const unary = (
    call: { request: ProbeRequest },
    callback: (error: { code: number; details: string } | null, response?: { padding: Uint8Array }) => void,
  ): void =>
    void seen.unary(call.request).then(
      (response) => callback(null, response),
      (error: Refusal) => callback({ code: status.UNAVAILABLE, details: error.message }),
    );
  server.addService(methods, {
    put: unary,
    get: unary,
    stream: async (call: {
      request: ProbeRequest;
      write(response: object): boolean;
      end(): void;
      once(event: string, listener: () => void): void;
      cancelled: boolean;
    }) => {
      for await (const response of served(call.request)) {
        if (call.cancelled) {
          return;
        }
        if (!call.write(response)) {
          await new Promise<void>((resolve) => {
            call.once("drain", resolve);
            call.once("cancelled", resolve);
          });
        }
      }
      call.end();
    },
  });
  return new Promise((resolve, reject) => {
    const stop = () => new Promise<void>((stopped) => server.tryShutdown(() => stopped()));
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve({ port, stop }) : reject(error),
    );
  });
}

/** A client by plain grpc-js, with default options. */
export function connect(target: string): Calls {
  const client = new Client(target, credentials.createInsecure(), {
    "grpc.service_config": JSON.stringify(SERVICE_CONFIG),
    "grpc.max_receive_message_length": -1,
  });
  const unary = (path: string) => (id: string, padding: Uint8Array, action: object, timeoutMs: number) =>
    new Promise<number>((resolve, reject) => {
      const request = create(ProbeRequestSchema, { id, padding, action: JSON.stringify(action) });
      const ended = (error: ServiceError | null, response?: ProbeResponse): void =>
        error === null ? resolve(response?.padding.byteLength ?? 0) : reject(error);
      const deadline = Date.now() + timeoutMs;
      client.makeUnaryRequest(path, encodeRequest, decodeResponse, request, { deadline }, ended);
    });
  return {
    put: unary(PUT),
    get: unary(GET),
    async *stream(action, timeoutMs) {
      const request = create(ProbeRequestSchema, { id: "stream", action: JSON.stringify(action) });
      const options = { deadline: Date.now() + timeoutMs };
      for await (const response of client.makeServerStreamRequest(
        STREAM,
        encodeRequest,
        decodeResponse,
        request,
        options,
      )) {
        yield (response as ProbeResponse).padding.byteLength;
      }
    },
  };
}
