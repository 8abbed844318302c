/** Who is measured. */
export const SUBJECTS = {
  http2: "the least gRPC that node:http2 allows: answers that were encoded before, and no look at what comes",
  "grpc-js": "grpc-js with protobuf-es, and nothing else",
  "nice-grpc": "nice-grpc with ts-proto, and its logging and error middleware; logs to /dev/null, without payloads",
  "connect-node": "connect-node with protobuf-es, over the gRPC protocol; logs nothing",
  "accord-silent": "Accord; the logger is silent",
  accord: "Accord; its own logger, to /dev/null, with payloads",
  "accord-pino": "Accord; pino, to /dev/null, with payloads",
  "grpc-go": "grpc-go; as a client it is ghz",
  // Not measured unless they are named.
  "accord-no-payload": "Accord; its own logger, to /dev/null, without payloads",
  "nice-grpc-silent": "nice-grpc with ts-proto, and its error middleware; logs nothing",
} as const;

export type SubjectName = keyof typeof SUBJECTS;

/** A server that listens on a free port of 127.0.0.1. */
export interface BenchServer {
  readonly port: number;
}

/**
 * A client of one subject: one call per function, to the end, with a deadline. What comes back is looked at, so that
 * nobody gets away with less than the answer.
 */
export interface BenchClient {
  /** Nothing there, and nothing back. */
  empty(): Promise<void>;
  /** A small message there, and one back. */
  small(): Promise<void>;
  /** 64 KiB there, and 64 KiB back. */
  large(): Promise<void>;
  /** Reads a stream. @returns how many messages came */
  stream(count: number): Promise<number>;
  /** A declared error: thrown by the handler, and thrown again where the call was made, with its details. */
  failing(): Promise<void>;
}

/** What a subject's module exports for its server process. */
export interface ServerModule {
  startServer(name: SubjectName): Promise<BenchServer>;
}

/** What a subject's module exports for its client process. */
export interface ClientModule {
  /** @param target `127.0.0.1:41233` */
  openClient(target: string, name: SubjectName): BenchClient;
}
