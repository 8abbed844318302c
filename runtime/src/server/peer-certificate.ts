import type { Duplex } from "node:stream";
import { type PeerCertificate, TLSSocket } from "node:tls";
import type { CallContext } from "../call/call-context.js";
import { dispatchedCall } from "../call/method-layer.js";
import type { CallBehindContext } from "../call/server-call-context.js";

/**
 * The certificate that the caller has shown, and that a CA of the server's has signed: `subject.CN`, `subjectaltname` and so
 * on. `undefined` without mutual TLS, and for a certificate that nobody trusts. A verifier can make an identity of it.
 */
export function peerCertificate(context: CallContext): PeerCertificate | undefined {
  return (dispatchedCall(context) as CallBehindContext | undefined)?.peerCertificate;
}

/**
 * The certificate of a connection's peer, if TLS has found it to be signed by a CA of ours. Where a certificate is optional, TLS
 * lets others in, too, and whoever asks must look: grpc-js does so since 1.14.5.
 *
 * @param socket a server's: `undefined`, or one without TLS, has none
 */
export function verifiedCertificate(socket: Duplex | undefined): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket) || socket.authorized !== true) {
    return undefined;
  }
  const certificate = socket.getPeerCertificate();
  // Without one, Node gives an empty object; on a closed connection, null.
  return certificate?.raw === undefined ? undefined : certificate;
}
