import type { PeerCertificate } from "node:tls";
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
