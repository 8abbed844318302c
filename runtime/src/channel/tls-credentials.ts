import { type ChannelCredentials, experimental, type ServerCredentials } from "@grpc/grpc-js";
import { checkOptions } from "../options/check-options.js";
import { CertificateFiles } from "./certificate-files.js";
import { requireClientCertificate } from "./client-certificate.js";
import type { TlsChannelInit, TlsServerInit } from "./tls-init.js";
import { TLS_CHANNEL_RULES, TLS_SERVER_RULES } from "./tls-option-rules.js";

export type { TlsChannelInit, TlsServerInit } from "./tls-init.js";

/**
 * Credentials for a server's `credentials`: TLS, and mutual TLS with a `clientCa`.
 *
 * The files are read now, and again every `refreshMs`: when they have changed, new connections get the new certificates, and
 * the calls on those that there are go on. What can't be used (half written, gone, not fitting together) is told to the log, and
 * the certificates that were in use stay so.
 *
 * @throws {Error} if a file can't be read now, or what is in them can't be used
 * @throws {TypeError} if there is no certificate or no key, or `clientCertificate` says what can't be meant
 */
export function tlsServerCredentials(init: TlsServerInit): ServerCredentials {
  checkOptions("Can't make a server's TLS credentials", init, TLS_SERVER_RULES);
  const { certificate, key, clientCa, clientCertificate = "required" } = init;
  if (certificate === undefined || key === undefined) {
    throw new TypeError("A server needs a `certificate` and its `key`");
  }
  requireClientCertificate(clientCa, init.clientCertificate);
  const files = new CertificateFiles({ certificate, key, ca: clientCa }, init);
  // grpc-js calls these parameters by each other's names: the first is the server's own certificate, the second the CA.
  return experimental.createCertificateProviderServerCredentials(
    files,
    clientCa === undefined ? null : files,
    clientCa !== undefined && clientCertificate === "required",
  );
}

/**
 * Credentials for a channel's `credentials`: TLS, and mutual TLS with a `certificate` and a `key`. The files are kept up to date
 * as those of {@link tlsServerCredentials} are.
 *
 * @throws {Error} if a file can't be read now, or what is in them can't be used
 * @throws {TypeError} if there is a certificate without a key, or a key without a certificate
 */
export function tlsChannelCredentials(init: TlsChannelInit = {}): ChannelCredentials {
  checkOptions("Can't make a channel's TLS credentials", init, TLS_CHANNEL_RULES);
  const { certificate, key, ca } = init;
  if ((certificate === undefined) !== (key === undefined)) {
    throw new TypeError("A client's `certificate` and `key` belong together: give both, or neither");
  }
  const files = new CertificateFiles({ certificate, key, ca }, init);
  return experimental.createCertificateProviderChannelCredentials(files, certificate === undefined ? null : files);
}
