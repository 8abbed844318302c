import type { CertificateRefresh } from "./certificate-files.js";
import type { ClientCertificate } from "./client-certificate.js";
import type { Pem } from "./pem-source.js";

/** The certificates of a server. */
export interface TlsServerInit extends CertificateRefresh {
  /** The server's certificate, with its intermediates behind it. */
  readonly certificate: Pem;
  readonly key: Pem;
  /** The CA, or CAs, whose certificates callers may show: mutual TLS. Left out: callers show none. */
  readonly clientCa?: Pem;
  /** `"optional"`: a caller may come without a certificate, or with one that nobody trusts, and counts as anonymous. Default: `"required"`. */
  readonly clientCertificate?: ClientCertificate;
}

/** The certificates of a client. */
export interface TlsChannelInit extends CertificateRefresh {
  /** The CA, or CAs, that servers are trusted by. Default: those that Node trusts. */
  readonly ca?: Pem;
  /** The client's own certificate, for mutual TLS, with its intermediates behind it. */
  readonly certificate?: Pem;
  readonly key?: Pem;
}
