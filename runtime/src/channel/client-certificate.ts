import { messageOf } from "../wire/thrown-message.js";

/** Whether callers must show a certificate that a CA of the server's has signed. */
export type ClientCertificate = "required" | "optional";

/**
 * Looks at what a server's options say of its callers' certificates: a misspelt word must not make them optional, nor a CA that is
 * missing (an environment variable that isn't set) let anybody in.
 *
 * @param clientCa what certificates are checked by
 * @throws {TypeError} if `clientCertificate` is neither left out nor one of the two, or says something without a CA
 */
export function requireClientCertificate(clientCa: unknown, clientCertificate: unknown): void {
  if (clientCertificate === undefined) {
    return;
  }
  if (clientCertificate !== "required" && clientCertificate !== "optional") {
    throw new TypeError(`clientCertificate must be "required" or "optional"; it is ${messageOf(clientCertificate)}`);
  }
  if (clientCa === undefined) {
    throw new TypeError(
      "`clientCertificate` says that callers show certificates, and there is no `clientCa` to check them",
    );
  }
}
