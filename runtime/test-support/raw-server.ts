import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { type ProbeRequest, ProbeRequestSchema, ProbeResponseSchema, ProbeService } from "./gen/probe/v1/probe_pb.js";

type ResponseInit = MessageInitShape<typeof ProbeResponseSchema>;

/** Handlers as grpc-js has them. A method without one answers UNIMPLEMENTED. */
export interface RawHandlers {
  readonly unary?: handleUnaryCall<ProbeRequest, ResponseInit>;
  readonly clientStream?: handleClientStreamingCall<ProbeRequest, ResponseInit>;
  readonly serverStream?: handleServerStreamingCall<ProbeRequest, ResponseInit>;
  readonly bidiStream?: handleBidiStreamingCall<ProbeRequest, ResponseInit>;
}

/** A plain grpc-js server of the probe service, on a free port. */
export interface RawServer {
  readonly target: string;
  readonly port: number;
  readonly server: Server;
  /** Ends it, with its connections. */
  close(): void;
}

/** The probe service as grpc-js's `addService` takes it. */
export const RAW_PROBE_DEFINITION: ServiceDefinition = Object.fromEntries(
  ProbeService.methods.map((method) => [
    method.localName,
    {
      path: `/${ProbeService.typeName}/${method.name}`,
      requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
      responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
      requestSerialize: (request: ProbeRequest) => Buffer.from(toBinary(ProbeRequestSchema, request)),
      requestDeserialize: (bytes: Buffer) => fromBinary(ProbeRequestSchema, new Uint8Array(bytes)),
      responseSerialize: (response: ResponseInit) =>
        // A handler may send bytes of its own, to be hostile.
        Buffer.isBuffer(response)
          ? response
          : Buffer.from(toBinary(ProbeResponseSchema, create(ProbeResponseSchema, response))),
      responseDeserialize: (bytes: Buffer) => fromBinary(ProbeResponseSchema, new Uint8Array(bytes)),
    },
  ]),
);

export async function startRawServer(
  handlers: RawHandlers,
  options: ServerOptions = {},
  address = "127.0.0.1:0",
): Promise<RawServer> {
  const server = new Server(options);
  server.addService(RAW_PROBE_DEFINITION, { ...handlers });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { target: `127.0.0.1:${port}`, port, server, close: () => server.forceShutdown() };
}
