import { CertificateFiles, type CertificateRefresh } from "../channel/certificate-files.js";
import { requireClientCertificate } from "../channel/client-certificate.js";
import type { Pem } from "../channel/pem-source.js";
import type { ServerTls } from "./http2/http2-server.js";

/** The certificates of a server. */
export interface ServerTlsOptions extends CertificateRefresh {
  /** The server's certificate, with its intermediates behind it. */
  readonly cert: Pem;
  readonly key: Pem;
  /** The CA, or CAs, whose certificates callers may show: mutual TLS. Left out: callers show none. */
  readonly clientCa?: Pem;
  /** `"optional"`: a caller may come without a certificate, or with one that nobody trusts, and counts as anonymous. Default: `"required"`. */
  readonly clientCertificate?: "required" | "optional";
}

/**
 * The certificates of a server, kept up to date: read when they are made, and again every `refreshMs` while they are watched.
 *
 * What can't be used later (half written, gone, not fitting together) is told to the log, and what was in use stays so.
 */
export class ServerCertificates {
  readonly #files: CertificateFiles;
  readonly #clientCertificate: ServerTls["clientCertificate"];
  #identity: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  #ca: Buffer | undefined;
  #onChange: ((tls: ServerTls) => void) | undefined;

  /**
   * @throws {Error} if a file can't be read, or what is in them can't be used
   * @throws {TypeError} if there is no certificate or no key, or `clientCertificate` says what can't be meant
   */
  constructor(options: ServerTlsOptions) {
    const { cert, key, clientCa, clientCertificate = "required" } = options;
    if (cert === undefined || key === undefined) {
      throw new TypeError("A server's `tls` needs a `cert` and its `key`");
    }
    requireClientCertificate(clientCa, options.clientCertificate);
    this.#files = new CertificateFiles({ certificate: cert, key, ca: clientCa }, options);
    this.#clientCertificate = clientCa === undefined ? "none" : clientCertificate;
  }

  /** The certificates as they are now. From here on, `renew` is called when they have changed, until {@link unwatch}. */
  watch(renew: (tls: ServerTls) => void): Promise<ServerTls> {
    return new Promise((resolve) => {
      this.#onChange = (tls) => {
        this.#onChange = renew;
        resolve(tls);
      };
      // The CA first: both are told once they are listened for.
      this.#files.addCaCertificateListener(this.#takeCa);
      this.#files.addIdentityCertificateListener(this.#takeIdentity);
    });
  }

  unwatch(): void {
    this.#files.removeCaCertificateListener(this.#takeCa);
    this.#files.removeIdentityCertificateListener(this.#takeIdentity);
  }

  readonly #takeCa = (update: { readonly caCertificate: Buffer } | null): void => {
    this.#ca = update?.caCertificate;
    this.#changed();
  };

  readonly #takeIdentity = (update: { readonly certificate: Buffer; readonly privateKey: Buffer } | null): void => {
    this.#identity = update === null ? undefined : { cert: update.certificate, key: update.privateKey };
    this.#changed();
  };

  #changed(): void {
    if (this.#identity !== undefined) {
      this.#onChange?.({ ...this.#identity, ca: this.#ca, clientCertificate: this.#clientCertificate });
    }
  }
}
