import type { experimental } from "@grpc/grpc-js";
import { defaultLogger } from "../log/default-logger.js";
import { GuardedLogger } from "../log/guarded-logger.js";
import type { Logger } from "../log/logger.js";
import { messageOf } from "../wire/thrown-message.js";
import { ExpiryTeller } from "./certificate-expiry.js";
import {
  type CertificateSet,
  type CertificateSources,
  filesOf,
  isValid,
  type PemBytes,
  parseCertificateSet,
  SOURCE_LABELS,
  SOURCE_NAMES,
} from "./certificate-set.js";
import { readPem, readPemNow } from "./pem-source.js";

/** How certificates are kept up to date. */
export interface CertificateRefresh {
  /** How often the files are read, in milliseconds. `Infinity`: only once. Default: 60 s. */
  readonly refreshMs?: number;
  /** Where a renewed certificate is told, and one that can't be used. Default: the runtime's own logger. */
  readonly logger?: Logger;
}

type IdentityListener = experimental.IdentityCertificateUpdateListener;
type CaListener = experimental.CaCertificateUpdateListener;

// Certificates end whether or not anybody reads their files again.
const EXPIRY_CHECK_MS = 60 * 60_000;

/**
 * Certificates from files that something else renews (cert-manager, a mesh's agent), for connections made from then on.
 *
 * grpc-js's own `FileWatcherCertificateProvider` lets a server refuse all connections while a file is missing, or while the
 * key doesn't fit the certificate because only one of the two has been written yet. Here the last that fitted together stay
 * in use, and the log says so. The first ones are read at once, so that a server doesn't start without. What TLS gets is what was
 * parsed, and nothing of what stood around it.
 */
export class CertificateFiles implements experimental.CertificateProvider {
  readonly #sources: CertificateSources;
  readonly #refreshMs: number;
  readonly #logger: Logger;
  readonly #identityListeners = new Set<IdentityListener>();
  readonly #caListeners = new Set<CaListener>();
  readonly #expiry: ExpiryTeller;
  #read: PemBytes;
  #current: CertificateSet;
  #expiryTimer: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #refused: string | undefined;
  #reading: Promise<void> | undefined;

  /** @throws {Error} if a file can't be read, or what is in them can't be used together */
  constructor(sources: CertificateSources, { refreshMs = 60_000, logger = defaultLogger() }: CertificateRefresh) {
    this.#sources = sources;
    this.#refreshMs = refreshMs;
    this.#logger = new GuardedLogger(logger);
    this.#read = readAllNow(sources);
    this.#current = parseCertificateSet(this.#read, sources);
    this.#expiry = new ExpiryTeller(this.#logger, filesOf(sources));
    this.#expiry.check(this.#current);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    this.#watch();
    // grpc-js takes an update only when it has finished adding the listener.
    process.nextTick(() => this.#tellIdentity(listener));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
    this.#unwatch();
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    this.#watch();
    process.nextTick(() => this.#tellCa(listener));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
    this.#unwatch();
  }

  /** Reads the files now, behind a read that is under way. Never rejects: what can't be used is told to the log. */
  refresh(): Promise<void> {
    const reading = (this.#reading ?? Promise.resolve()).then(() => this.#readAnew());
    this.#reading = reading;
    return reading.finally(() => {
      if (this.#reading === reading) {
        this.#reading = undefined;
      }
    });
  }

  // One after the other, or an old read that took long would undo a new one.
  async #readAnew(): Promise<void> {
    let read: PemBytes;
    let found: CertificateSet;
    try {
      read = await readAll(this.#sources);
      if (SOURCE_NAMES.every((name) => same(read[name], this.#read[name]))) {
        this.#refused = undefined;
        return;
      }
      found = parseCertificateSet(read, this.#sources);
      requireNoneWorse(found, this.#current);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#refused = undefined;
    this.#read = read;
    this.#current = found;
    this.#logger.info({ files: filesOf(this.#sources) }, "tls.certificates_renewed");
    for (const listener of this.#identityListeners) {
      this.#tellIdentity(listener);
    }
    for (const listener of this.#caListeners) {
      this.#tellCa(listener);
    }
    this.#expiry.check(found);
  }

  // Once per reason: the files are read again and again.
  #refuse(error: unknown): void {
    const reason = messageOf(error);
    if (reason !== this.#refused) {
      this.#refused = reason;
      this.#logger.warn({ err: error }, "tls.certificates_unusable: those that were read before stay in use");
    }
  }

  #tellIdentity(listener: IdentityListener): void {
    const { certificate, key } = this.#current.pem;
    if (certificate !== undefined && key !== undefined) {
      listener({ certificate, privateKey: key });
    }
  }

  #tellCa(listener: CaListener): void {
    // Without one of its own, the connection takes Node's: `createSecureContext` reads `undefined` so, and grpc-js hands it on.
    listener({ caCertificate: this.#current.pem.ca as Buffer });
  }

  #watch(): void {
    if (this.#expiryTimer !== undefined) {
      return;
    }
    this.#expiryTimer = setInterval(() => this.#expiry.check(this.#current), EXPIRY_CHECK_MS);
    this.#expiryTimer.unref();
    if (this.#refreshMs !== Number.POSITIVE_INFINITY && filesOf(this.#sources).length > 0) {
      this.#timer = setInterval(() => void (this.#reading ?? this.refresh()), this.#refreshMs);
      this.#timer.unref();
      // Nobody may have watched for long.
      void this.refresh();
    }
  }

  #unwatch(): void {
    if (this.#identityListeners.size === 0 && this.#caListeners.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      clearInterval(this.#expiryTimer);
      this.#expiryTimer = undefined;
    }
  }
}

function readAllNow(sources: CertificateSources): PemBytes {
  return Object.fromEntries(
    SOURCE_NAMES.map((name) => {
      const source = sources[name];
      return [name, source === undefined ? undefined : readPemNow(SOURCE_LABELS[name], source)];
    }),
  );
}

async function readAll(sources: CertificateSources): Promise<PemBytes> {
  const read = SOURCE_NAMES.map(async (name) => {
    const source = sources[name];
    return [name, source === undefined ? undefined : await readPem(SOURCE_LABELS[name], source)];
  });
  return Object.fromEntries(await Promise.all(read));
}

/** @throws {Error} if the certificates in use are valid now, and those that would replace them aren't */
function requireNoneWorse(found: CertificateSet, current: CertificateSet): void {
  const now = Date.now();
  for (const name of ["certificate", "ca"] as const) {
    const [inUse, next] = [current[name], found[name]];
    if (inUse !== undefined && next !== undefined && isValid(inUse, now) && !isValid(next, now)) {
      const when = now > next.until ? `has expired, on ${day(next.until)}` : `isn't valid before ${day(next.from)}`;
      throw new Error(`The new ${SOURCE_LABELS[name]} ${when}, and the one in use is valid`);
    }
  }
}

function day(time: number): string {
  return new Date(time).toISOString();
}

function same(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && one.equals(other));
}
