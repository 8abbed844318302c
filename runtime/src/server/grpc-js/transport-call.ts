import type { ServerHttp2Stream } from "node:http2";
import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { normalizeStatus, type Status } from "../../wire/status.js";

// What is read of grpc-js's own call beyond its interface. All of it is optional: without the stream, answers are only
// less exact.
type TransportCall = ServerInterceptingCallInterface & {
  readonly stream?: ServerHttp2Stream;
  readonly nextCall?: TransportCall;
  readonly serializeMessage?: (message: unknown) => Buffer;
  /** Whether an interceptor keeps a message that it was given to send. */
  readonly processingMessage?: boolean;
};

/** The call that writes to the connection: below interceptors that server credentials brought along. */
export function transportOf(call: ServerInterceptingCallInterface): ServerInterceptingCallInterface {
  let transport = call as TransportCall;
  while (transport.nextCall !== undefined) {
    transport = transport.nextCall;
  }
  return transport;
}

/**
 * The call that a status is to be given: below the last interceptor that keeps a message back, as that would keep the status
 * for ever. (grpc-js sends on a status that had to wait for headers, but none that had to wait for a message.)
 */
export function unheldCall(call: ServerInterceptingCallInterface): ServerInterceptingCallInterface {
  let unheld = call as TransportCall;
  for (let next: TransportCall | undefined = unheld; next !== undefined; next = next.nextCall) {
    if (next.processingMessage && next.nextCall !== undefined) {
      unheld = next.nextCall;
    }
  }
  return unheld;
}

/**
 * Whether a call copies what `sendMessage` gets before it returns: grpc-js's own does, into the frame that it makes of it.
 * Interceptors may hold it back.
 */
export function copiesAtOnce(call: ServerInterceptingCallInterface): boolean {
  return (call as TransportCall).serializeMessage !== undefined;
}

/** The stream of a call; `undefined` should grpc-js ever keep it elsewhere. */
export function streamOf(transport: ServerInterceptingCallInterface): ServerHttp2Stream | undefined {
  return (transport as TransportCall).stream;
}

/** `127.0.0.1:51234`, also when the connection is gone. */
export function peerOf(transport: ServerInterceptingCallInterface): string {
  const { remoteAddress, remotePort } = transport.getConnectionInfo();
  if (remoteAddress === undefined) {
    return transport.getPeer();
  }
  return remotePort === undefined ? remoteAddress : `${remoteAddress}:${remotePort}`;
}

/**
 * The status that left for the peer; `undefined` if none did, because the peer had gone, or doesn't read what comes before.
 *
 * @param leaving the status that grpc-js was given, or gave itself
 */
export function sentStatus(
  transport: ServerInterceptingCallInterface,
  leaving: Status | undefined,
): Status | undefined {
  const stream = streamOf(transport);
  if (stream === undefined) {
    return leaving;
  }
  const code = stream.sentTrailers?.["grpc-status"] ?? stream.sentHeaders?.["grpc-status"];
  return code === undefined ? undefined : normalizeStatus(Number(code));
}
