import type { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { messageOf } from "../wire/thrown-message.js";
import { parseCertificates, parsePrivateKey } from "./pem-blocks.js";
import { type Pem, pathOf } from "./pem-source.js";

/** What a side of a TLS connection has. */
export interface CertificateSources {
  readonly certificate?: Pem | undefined;
  readonly key?: Pem | undefined;
  readonly ca?: Pem | undefined;
}

/** One of {@link CertificateSources}. */
export type SourceName = keyof CertificateSources;

/** What has been read of them. */
export type PemBytes = { readonly [name in SourceName]?: Buffer | undefined };

export const SOURCE_NAMES: readonly SourceName[] = ["certificate", "key", "ca"];

/** What messages call them. */
export const SOURCE_LABELS: Readonly<Record<SourceName, string>> = {
  certificate: "certificate",
  key: "private key",
  ca: "CA certificate",
};

/** From when until when something holds, in milliseconds since the epoch. */
export interface Validity {
  readonly subject: string;
  readonly from: number;
  readonly until: number;
}

/** Certificates that were parsed, and fit together. As PEM they have what was parsed and nothing else. */
export interface CertificateSet {
  readonly pem: PemBytes;
  /** The own certificate with its intermediates: as long as all of them are valid. */
  readonly certificate: Validity | undefined;
  /** The CAs: as long as one of them is. */
  readonly ca: Validity | undefined;
}

/**
 * Parses what was read, all of it.
 *
 * @throws {Error} if something isn't PEM, is no certificate or no key, or they don't fit together. It names the source
 */
export function parseCertificateSet(read: PemBytes, sources: CertificateSources): CertificateSet {
  const chain = read.certificate && parsed("certificate", sources, () => parseCertificates(read.certificate ?? none));
  const key = read.key && parsed("key", sources, () => parsePrivateKey(read.key ?? none));
  const cas = read.ca && parsed("ca", sources, () => parseCertificates(read.ca ?? none));
  if ((chain === undefined) !== (key === undefined)) {
    throw new Error("A certificate and its private key belong together: give both, or neither");
  }
  if (chain !== undefined && key !== undefined && !chain[0].checkPrivateKey(key)) {
    const late = chain.some((certificate) => certificate.checkPrivateKey(key));
    const why = late ? "the one that it is for comes first in its file" : "it is for another key";
    throw new Error(
      `The certificates can't be used (${namesOf(sources)}): the private key isn't the certificate's, ${why}`,
    );
  }
  const pem = {
    certificate: chain && pemOf(chain),
    key: key && Buffer.from(key.export({ type: "pkcs8", format: "pem" })),
    ca: cas && pemOf(cas),
  };
  requireAcceptable(pem, sources);
  return {
    pem,
    certificate: chain && common(chain.map(validityOf)),
    ca: cas && longest(cas.map(validityOf)),
  };
}

const none = Buffer.alloc(0);

/** The files among the sources. */
export function filesOf(sources: CertificateSources): string[] {
  return SOURCE_NAMES.map((name) => pathOf(sources[name])).filter((path) => path !== undefined);
}

function namesOf(sources: CertificateSources): string {
  return filesOf(sources).join(", ") || "the given PEM";
}

function parsed<T>(name: SourceName, sources: CertificateSources, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const path = pathOf(sources[name]) ?? "the given PEM";
    throw new Error(`The ${SOURCE_LABELS[name]} can't be used (${path}): ${messageOf(error)}`);
  }
}

// What TLS has to say beyond: a key that is too short, a signature that is too weak.
function requireAcceptable({ certificate, key, ca }: PemBytes, sources: CertificateSources): void {
  try {
    createSecureContext({ ...(certificate && { cert: certificate }), ...(key && { key }), ...(ca && { ca }) });
  } catch (cause) {
    throw new Error(`The certificates can't be used (${namesOf(sources)}): ${messageOf(cause)}`, { cause });
  }
}

function pemOf(certificates: readonly X509Certificate[]): Buffer {
  return Buffer.from(certificates.map((certificate) => certificate.toString()).join(""));
}

function validityOf({ subject, validFrom, validTo }: X509Certificate): Validity {
  return { subject: (subject ?? "").replaceAll("\n", ", "), from: Date.parse(validFrom), until: Date.parse(validTo) };
}

function common(all: readonly Validity[]): Validity {
  return all.reduce((one, other) => ({
    ...(other.until < one.until ? other : one),
    from: Math.max(one.from, other.from),
  }));
}

function longest(all: readonly Validity[]): Validity {
  return all.reduce((one, other) => ({
    ...(other.until > one.until ? other : one),
    from: Math.min(one.from, other.from),
  }));
}

/** Whether something holds at a time. */
export function isValid(validity: Validity, now: number): boolean {
  return validity.from <= now && now <= validity.until;
}
