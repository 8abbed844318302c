import type { Duplex } from "node:stream";
import { type PeerCertificate, TLSSocket } from "node:tls";

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
