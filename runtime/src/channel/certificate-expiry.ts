import type { Logger } from "../log/logger.js";
import type { CertificateSet, Validity } from "./certificate-set.js";
import { SOURCE_LABELS } from "./certificate-set.js";

const DAY_MS = 24 * 60 * 60_000;

// As long as people need who renew by hand. What renews by itself has done it by then.
const TOLD_AHEAD_MS = 7 * DAY_MS;

/** Tells the log that certificates end soon, or have ended: once a day for each. */
export class ExpiryTeller {
  readonly #logger: Logger;
  readonly #files: readonly string[];
  readonly #told = new Map<"certificate" | "ca", { readonly until: number; readonly atMs: number }>();

  constructor(logger: Logger, files: readonly string[]) {
    this.#logger = logger;
    this.#files = files;
  }

  /** Looks at the certificates in use. May be asked as often as one likes. */
  check(certificates: CertificateSet): void {
    for (const name of ["certificate", "ca"] as const) {
      const validity = certificates[name];
      if (validity !== undefined) {
        this.#check(name, validity, Date.now());
      }
    }
  }

  #check(name: "certificate" | "ca", { subject, until }: Validity, now: number): void {
    if (until - now > TOLD_AHEAD_MS) {
      return;
    }
    const told = this.#told.get(name);
    if (told !== undefined && told.until === until && now - told.atMs < DAY_MS) {
      return;
    }
    this.#told.set(name, { until, atMs: now });
    const fields = { files: this.#files, what: SOURCE_LABELS[name], subject, expires: new Date(until).toISOString() };
    if (until < now) {
      this.#logger.error(fields, "tls.certificates_expired");
    } else {
      this.#logger.warn(fields, "tls.certificates_expiring");
    }
  }
}
