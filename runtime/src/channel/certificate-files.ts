import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { experimental } from "@grpc/grpc-js";
import { defaultLogger } from "../log/default-logger.js";
import type { Logger } from "../log/logger.js";

/** Something in PEM: the path of a file, which is read again from time to time, or the text or bytes themselves. */
export type Pem = string | URL | Uint8Array;

/** What a side of a TLS connection has. */
export interface CertificateSources {
  readonly certificate?: Pem | undefined;
  readonly key?: Pem | undefined;
  readonly ca?: Pem | undefined;
}

/** How certificates are kept up to date. */
export interface CertificateRefresh {
  /** How often the files are read, in milliseconds. `Infinity`: only once. Default: 60 s. */
  readonly refreshMs?: number;
  /** Where a renewed certificate is told, and one that can't be used. Default: the runtime's own logger. */
  readonly logger?: Logger;
}

type Name = keyof CertificateSources;
type Pems = { readonly [name in Name]?: Buffer | undefined };
type IdentityListener = experimental.IdentityCertificateUpdateListener;
type CaListener = experimental.CaCertificateUpdateListener;

const NAMES: readonly Name[] = ["certificate", "key", "ca"];

/**
 * Certificates from files that something else renews (cert-manager, a mesh's agent), for connections made from then on.
 *
 * grpc-js's own `FileWatcherCertificateProvider` lets a server refuse all connections while a file is missing, or while the
 * key doesn't fit the certificate because only one of the two has been written yet. Here the last that fitted together stay
 * in use, and the log says so. The first ones are read at once, so that a server doesn't start without.
 */
export class CertificateFiles implements experimental.CertificateProvider {
  readonly #sources: CertificateSources;
  readonly #refreshMs: number;
  readonly #logger: Logger;
  readonly #identityListeners = new Set<IdentityListener>();
  readonly #caListeners = new Set<CaListener>();
  #current: Pems;
  #timer: NodeJS.Timeout | undefined;
  #refused: string | undefined;
  #reading: Promise<void> | undefined;

  /** @throws {Error} if a file can't be read, or what is in them can't be used together */
  constructor(sources: CertificateSources, { refreshMs = 60_000, logger = defaultLogger() }: CertificateRefresh) {
    if (typeof refreshMs !== "number" || !(refreshMs > 0)) {
      throw new TypeError(`refreshMs must be a positive number of milliseconds, or Infinity; it is ${refreshMs}`);
    }
    this.#sources = sources;
    this.#refreshMs = refreshMs;
    this.#logger = logger;
    this.#current = readAll(sources);
    requireUsable(this.#current, sources);
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
    const reading = (this.#reading ?? Promise.resolve()).then(() => this.#read());
    this.#reading = reading;
    return reading.finally(() => {
      if (this.#reading === reading) {
        this.#reading = undefined;
      }
    });
  }

  // One after the other, or an old read that took long would undo a new one.
  async #read(): Promise<void> {
    let pems: Pems;
    try {
      pems = await readAllAnew(this.#sources);
      if (NAMES.every((name) => same(pems[name], this.#current[name]))) {
        this.#refused = undefined;
        return;
      }
      requireUsable(pems, this.#sources);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#refused = undefined;
    this.#current = pems;
    this.#logger.info({ files: fileNames(this.#sources) }, "tls.certificates_renewed");
    for (const listener of this.#identityListeners) {
      this.#tellIdentity(listener);
    }
    for (const listener of this.#caListeners) {
      this.#tellCa(listener);
    }
  }

  // Once per reason: the files are read again and again.
  #refuse(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason !== this.#refused) {
      this.#refused = reason;
      this.#logger.warn({ err: error }, "tls.certificates_unusable: those that were read before stay in use");
    }
  }

  #tellIdentity(listener: IdentityListener): void {
    const { certificate, key } = this.#current;
    if (certificate !== undefined && key !== undefined) {
      listener({ certificate, privateKey: key });
    }
  }

  #tellCa(listener: CaListener): void {
    // Without one of its own, the connection takes Node's: `createSecureContext` reads `undefined` so, and grpc-js hands it on.
    listener({ caCertificate: this.#current.ca as Buffer });
  }

  #watch(): void {
    if (
      this.#timer === undefined &&
      this.#refreshMs !== Number.POSITIVE_INFINITY &&
      fileNames(this.#sources).length > 0
    ) {
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
    }
  }
}

function readAll(sources: CertificateSources): Pems {
  return Object.fromEntries(
    NAMES.map((name) => {
      const source = sources[name];
      return [name, source === undefined || isInline(source) ? inline(source) : orSay(name, source, readFileSync)];
    }),
  );
}

async function readAllAnew(sources: CertificateSources): Promise<Pems> {
  const read = NAMES.map(async (name) => {
    const source = sources[name];
    if (source === undefined || isInline(source)) {
      return [name, inline(source)];
    }
    return [name, await readFile(source).catch((error: unknown) => Promise.reject(unreadable(name, source, error)))];
  });
  return Object.fromEntries(await Promise.all(read));
}

function orSay(name: Name, path: string | URL, read: (path: string | URL) => Buffer): Buffer {
  try {
    return read(path);
  } catch (error) {
    throw unreadable(name, path, error);
  }
}

function unreadable(name: Name, path: string | URL, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`The ${LABELS[name]} can't be read from ${String(path)}: ${reason}`, { cause });
}

/** @throws {Error} unless a TLS connection can be made with them */
function requireUsable({ certificate, key, ca }: Pems, sources: CertificateSources): void {
  try {
    createSecureContext({ ...(certificate && { cert: certificate }), ...(key && { key }), ...(ca && { ca }) });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const from = fileNames(sources).join(", ") || "the given PEM";
    throw new Error(`The certificates can't be used (${from}): ${reason}`, { cause });
  }
}

const LABELS: Readonly<Record<Name, string>> = {
  certificate: "certificate",
  key: "private key",
  ca: "CA certificate",
};

function isInline(source: Pem): source is Uint8Array | string {
  return source instanceof Uint8Array || (typeof source === "string" && source.trimStart().startsWith("-----BEGIN"));
}

function inline(source: string | Uint8Array | undefined): Buffer | undefined {
  return source === undefined ? undefined : Buffer.from(source);
}

function fileNames(sources: CertificateSources): string[] {
  return NAMES.flatMap((name) => {
    const source = sources[name];
    return source === undefined || isInline(source) ? [] : [String(source)];
  });
}

function same(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && one.equals(other));
}
