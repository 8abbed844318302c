import { createServer as createHttp2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import {
  Client,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type InterceptorProvider,
  Metadata,
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceError,
} from "@grpc/grpc-js";

// grpc-js as it is, with messages of bytes: what the facts are about.

/** Handlers of `facts.Plain`. */
export interface PlainHandlers {
  readonly unary?: handleUnaryCall<Buffer, Buffer>;
  readonly serverStream?: handleServerStreamingCall<Buffer, Buffer>;
  readonly clientStream?: handleClientStreamingCall<Buffer, Buffer>;
  readonly bidiStream?: handleBidiStreamingCall<Buffer, Buffer>;
}

export const PLAIN_SERVICE = "facts.Plain";
const same = (bytes: Buffer): Buffer => bytes;
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/${PLAIN_SERVICE}/${name}`,
  requestStream,
  responseStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});
const DEFINITION = {
  unary: method("Unary", false, false),
  serverStream: method("ServerStream", false, true),
  clientStream: method("ClientStream", true, false),
  bidiStream: method("BidiStream", true, true),
};

/** Closes what a test opened, the last first. */
export class Opened {
  readonly #close: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.#close.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#close.splice(0).reverse()) {
      await close();
    }
  }
}

/** A plain grpc-js server on a free port. */
export async function plainServer(
  opened: Opened,
  handlers: PlainHandlers,
  options: ServerOptions = {},
): Promise<{ readonly server: Server; readonly target: string; readonly port: number }> {
  const server = new Server(options);
  server.addService(DEFINITION, { ...handlers });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  opened.add(() => server.forceShutdown());
  return { server, target: `127.0.0.1:${port}`, port };
}

/** How a plain call ended. */
export interface PlainEnd {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
  readonly responses: readonly Buffer[];
}

export interface PlainCallOptions {
  readonly timeoutMs?: number;
  readonly metadata?: Metadata;
  readonly request?: Buffer;
  readonly interceptors?: InterceptorProvider[];
}

/** A plain grpc-js client. Calls resolve with their ends, whatever these are. */
export class PlainClient {
  readonly client: Client;

  constructor(opened: Opened, target: string, options: ClientOptions = {}) {
    this.client = new Client(target, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1, ...options });
    opened.add(() => this.client.close());
  }

  unary(options: PlainCallOptions = {}): Promise<PlainEnd> {
    const { metadata = new Metadata(), request = Buffer.alloc(0) } = options;
    return new Promise((resolve) => {
      this.client.makeUnaryRequest(
        DEFINITION.unary.path,
        same,
        same,
        request,
        metadata,
        { deadline: Date.now() + (options.timeoutMs ?? 30_000) },
        (error, response) => resolve(error === null ? OK([response ?? Buffer.alloc(0)]) : endOf(error, [])),
      );
    });
  }

  /** Starts a stream of responses. */
  openServerStream(timeoutMs = 30_000): ClientReadableStream<Buffer> {
    return this.client.makeServerStreamRequest(DEFINITION.serverStream.path, same, same, Buffer.alloc(0), {
      deadline: Date.now() + timeoutMs,
    });
  }

  serverStream(timeoutMs?: number): Promise<PlainEnd> {
    const responses: Buffer[] = [];
    const stream = this.openServerStream(timeoutMs);
    stream.on("data", (response: Buffer) => responses.push(response));
    return new Promise((resolve) => {
      stream.on("error", (error: ServiceError) => resolve(endOf(error, responses)));
      stream.on("end", () => setImmediate(() => resolve(OK(responses))));
    });
  }
}

const OK = (responses: readonly Buffer[]): PlainEnd => ({
  code: 0,
  details: "OK",
  metadata: new Metadata(),
  responses,
});
const endOf = ({ code, details, metadata }: ServiceError, responses: readonly Buffer[]): PlainEnd => ({
  code,
  details,
  metadata,
  responses,
});

/** A service config as a channel option. */
export const serviceConfig = (config: object): ClientOptions => ({ "grpc.service_config": JSON.stringify(config) });

/** A server that speaks HTTP/2 and knows nothing of gRPC. */
export async function http2Server(
  opened: Opened,
  answer: (stream: ServerHttp2Stream, session: ServerHttp2Session) => void,
): Promise<string> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createHttp2Server();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.resume();
    answer(stream, stream.session as ServerHttp2Session);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.add(() => {
    server.close();
    for (const session of sessions) {
      session.destroy();
    }
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Headers that are a whole answer. */
export function trailersOnly(stream: ServerHttp2Stream, trailers: Record<string, string>): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc+proto", ...trailers }, { endStream: true });
}
