import { type ChannelCredentials, experimental, type ServerCredentials } from "@grpc/grpc-js";

/** Gives certificates to whoever listens, and new ones when there are some. */
export type CertificateProvider = experimental.CertificateProvider;
export type IdentityCertificateListener = experimental.IdentityCertificateUpdateListener;
export type CaCertificateListener = experimental.CaCertificateUpdateListener;

/** Credentials of a grpc-js server. Without a `clientCa`, callers show no certificates. */
export function providedServerCredentials(
  identity: CertificateProvider,
  clientCa: CertificateProvider | undefined,
  requireClientCertificate: boolean,
): ServerCredentials {
  // grpc-js calls these parameters by each other's names: the first is the server's own certificate, the second the CA.
  return experimental.createCertificateProviderServerCredentials(identity, clientCa ?? null, requireClientCertificate);
}

/** Credentials of a channel; with an `identity`, mutual TLS. */
export function providedChannelCredentials(
  ca: CertificateProvider,
  identity: CertificateProvider | undefined,
): ChannelCredentials {
  return experimental.createCertificateProviderChannelCredentials(ca, identity ?? null);
}
