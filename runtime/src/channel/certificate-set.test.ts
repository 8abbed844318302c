import { execFileSync } from "node:child_process";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CertificateFolder, certificateFile } from "../../test-support/certificates.js";
import { MemoryLogger } from "../testing/index.js";
import { CertificateFiles } from "./certificate-files.js";
import { parseCertificateSet } from "./certificate-set.js";
import { readPem, readPemNow } from "./pem-source.js";
import { tlsChannelCredentials, tlsServerCredentials } from "./tls-credentials.js";

const text = (name: string) => readFileSync(certificateFile(name), "utf8");
const certificate = text("server-1.pem");
const key = text("server-1.key");
const ca = text("ca.pem");
const otherCa = text("other-ca.pem");

const half = (pem: string) => pem.slice(0, pem.length / 2);
const withoutLine = (pem: string, pattern: RegExp) =>
  pem
    .split("\n")
    .filter((line) => !pattern.test(line))
    .join("\n");
const withoutBody = (pem: string) =>
  pem
    .split("\n")
    .filter((_line, index, all) => index === 0 || index > all.length - 3)
    .join("\n");
const der = (pem: string) => new X509Certificate(pem).raw;
const bom = (pem: string) => `\uFEFF${pem}`;
const utf16 = (pem: string) => Buffer.from(`\uFEFF${pem}`, "utf16le");

// What no CA file may be, alone or in a bundle: a bundle with one bad block trusts neither more nor less than it says.
const BROKEN: readonly (readonly [what: string, (pem: string) => string])[] = [
  ["cut in the middle", half],
  ["without its first line", (pem) => withoutLine(pem, /BEGIN/)],
  ["without its last line", (pem) => withoutLine(pem, /END/)],
  ["without a line of its body", (pem) => pem.split("\n").toSpliced(2, 1).join("\n")],
  ["with an empty body", withoutBody],
  ["with a letter changed", (pem) => pem.replace(/\n(.{20})./, "\n$1*")],
  ["with bytes changed", (pem) => pem.replace(/\n(.{4}).{8}/, "\n$1AAAAAAAA")],
  [
    "with something behind the certificate",
    (pem) => pemBlock("CERTIFICATE", Buffer.concat([der(pem), Buffer.of(1, 2)])),
  ],
  ["with four dashes", (pem) => pem.replaceAll("-----", "----")],
  ["with a misspelt name", (pem) => pem.replace("BEGIN CERTIFICATE", "BEGIN CERTIFICAT")],
  ["with another name", (pem) => pem.replaceAll("CERTIFICATE", "CERT")],
  ["that is a revocation list", (pem) => pem.replaceAll("CERTIFICATE", "X509 CRL")],
  ["that is a request", (pem) => pem.replaceAll("CERTIFICATE", "CERTIFICATE REQUEST")],
  ["that is the begin of the next", (pem) => `-----BEGIN CERTIFICATE-----\n${pem}`],
  ["that is garbage in base64", () => pemBlock("CERTIFICATE", Buffer.alloc(300, 7))],
];

const GARBAGE: readonly (readonly [what: string, string | Uint8Array])[] = [
  ["nothing", ""],
  ["white space", " \n\t\n"],
  ["a byte order mark alone", "\uFEFF"],
  ["words", "not a certificate\n"],
  ["HTML", "<html><body>404</body></html>\n"],
  ["zeros", Buffer.alloc(1000)],
  ["random bytes", Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7919) % 256))],
  ["DER", der(ca)],
  ["UTF-16", utf16(ca)],
  ["base64 without its lines", withoutLine(ca, /-----/)],
  ["a private key", key],
  ["line breaks written as \\n", ca.replaceAll("\n", "\\n")],
  ...BROKEN.map(([what, broken]) => [`a certificate ${what}`, broken(ca)] as const),
  ...BROKEN.map(([what, broken]) => [`a bundle whose first is one ${what}`, broken(otherCa) + ca] as const),
  ...BROKEN.map(([what, broken]) => [`a bundle whose last is one ${what}`, `${ca}\n${broken(otherCa)}`] as const),
];

function pemBlock(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-pem-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

const bytesOf = (pem: string | Uint8Array): Buffer => Buffer.from(pem);
const parseCa = (pem: string | Uint8Array) => parseCertificateSet({ ca: bytesOf(pem) }, { ca: bytesOf(pem) });
const parsePair = (cert: string, its: string) =>
  parseCertificateSet(
    { certificate: bytesOf(cert), key: bytesOf(its) },
    { certificate: bytesOf(cert), key: bytesOf(its) },
  );

describe("a CA file", () => {
  it.each(GARBAGE)("isn't %s", (_what, garbage) => {
    expect(() => parseCa(garbage)).toThrow(/^The CA certificate can't be used \(the given PEM\): /);
  });

  it.each(GARBAGE)("doesn't become %s: neither at the start nor while a good one is in use", async (_what, garbage) => {
    const own = await CertificateFolder.of("server-1", "ca");
    try {
      const logger = new MemoryLogger();
      const files = new CertificateFiles({ ca: own.ca }, { logger });
      const told: unknown[] = [];
      files.addCaCertificateListener((update) => told.push(update?.caCertificate.toString()));
      await files.refresh();
      writeFileSync(own.ca, garbage);
      await files.refresh();
      expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
        "warn tls.certificates_unusable: those that were read before stay in use",
      ]);
      expect(new Set(told)).toEqual(new Set([ca]));
      expect(() => new CertificateFiles({ ca: own.ca }, { logger })).toThrow(own.ca);
    } finally {
      await own.delete();
    }
  });

  it.each([
    ["PEM", ca],
    ["a bundle", ca + otherCa],
    ["a bundle without line breaks between", ca.trimEnd() + otherCa],
    ["with a byte order mark", bom(ca)],
    ["with CRLF", ca.replaceAll("\n", "\r\n")],
    ["with CR", ca.replaceAll("\n", "\r")],
    ["indented, as YAML may leave it", ca.replaceAll(/^/gm, "    ")],
    ["with words around", `# Our CA\n${ca}# The old one\n${otherCa}# end\n`],
    ["with what openssl writes around", `Bag Attributes\n    friendlyName: ca\nsubject=CN = ca\nissuer=CN = ca\n${ca}`],
    ["with the old name", ca.replaceAll("CERTIFICATE", "X509 CERTIFICATE")],
    ["with a key beside it", ca + key],
    ["with a curve beside it", `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${ca}`],
    [
      "with long lines",
      pemBlock("CERTIFICATE", der(ca))
        .replaceAll(/\n(?!-)/g, "")
        .replace("-----MII", "-----\nMII"),
    ],
  ])("may be %s, and TLS gets all of it and no more", (_what, pem) => {
    const expected = pem.includes(otherCa.slice(30, 90)) ? ca + otherCa : ca;
    expect(parseCa(pem).pem.ca?.toString()).toBe(expected);
  });
});

describe("a certificate and its key", () => {
  const encrypted = generateKeyPairSync("ec", {
    namedCurve: "prime256v1",
    privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const rsa = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });

  it.each([
    ["of another certificate", certificate, text("server-2.key"), /isn't the certificate's, it is for another key$/],
    ["of another kind", certificate, rsa.privateKey, /isn't the certificate's/],
    ["of the second in the file", text("server-2.pem") + certificate, key, /comes first in its file$/],
    ["that is encrypted", certificate, encrypted.privateKey, /^The private key can't be used .*encrypted: decrypt/],
    ["that is public", certificate, encrypted.publicKey, /no private key/],
    ["that is cut", certificate, half(key), /stands alone/],
    ["that is broken", certificate, pemBlock("PRIVATE KEY", Buffer.alloc(100, 9)), /can't be read/],
    ["that is one of two", certificate, key + text("server-2.key"), /has 2 private keys/],
    ["that is a certificate", certificate, certificate, /no private key/],
    ["that is empty", certificate, "", /^The private key can't be used \(the given PEM\): it is empty$/],
  ])("aren't a key %s", (_what, cert, its, message) => {
    expect(() => parsePair(cert, its)).toThrow(message);
    try {
      parsePair(cert, its);
    } catch (error) {
      // Whatever is wrong: what stands in the key's file goes nowhere.
      const secret = its.split("\n").filter((line) => /^[\w+/=]{30,}$/.test(line));
      expect(secret.filter((line) => String((error as Error).stack).includes(line))).toEqual([]);
    }
  });

  it("aren't one without the other", () => {
    expect(() => parseCertificateSet({ certificate: bytesOf(certificate) }, {})).toThrow(/belong together/);
    expect(() => parseCertificateSet({ key: bytesOf(key) }, {})).toThrow(/belong together/);
  });

  it.each([
    ["in one file", certificate + key, certificate + key],
    ["with CRLF and a byte order mark", bom(certificate.replaceAll("\n", "\r\n")), bom(key.replaceAll("\n", "\r\n"))],
    ["with an intermediate behind", certificate + ca, key],
    ["indented", certificate.replaceAll(/^/gm, "  "), key.replaceAll(/^/gm, "  ")],
  ])("may stand %s", (_what, cert, its) => {
    const { pem } = parsePair(cert, its);
    expect(pem.certificate?.toString()).toBe(cert.includes(ca) ? certificate + ca : certificate);
    expect(pem.key?.toString()).toBe(key);
  });
});

describe("a source", () => {
  it("is the path of a file, of any that aren't endless, hidden or gone", async () => {
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const huge = join(folder, "huge");
    writeFileSync(huge, "");
    truncateSync(huge, 5 * 1024 * 1024);
    const looped = join(folder, "loop");
    symlinkSync(looped, looped);
    for (const [path, why] of [
      [folder, "it is a directory"],
      [fifo, "it is no file"],
      ["/dev/zero", "it is no file"],
      [huge, "it has 5242880 bytes, and the limit is 4194304"],
      [looped, "ELOOP"],
      [join(folder, "gone"), "ENOENT"],
      [join(certificateFile("ca.pem"), "below"), "ENOTDIR"],
    ] as const) {
      const message = `The CA certificate can't be read from ${path}: ${why}`;
      expect(() => readPemNow("CA certificate", path)).toThrow(message);
      await expect(readPem("CA certificate", path)).rejects.toThrow(message);
    }
  });

  it("is followed through links, as Kubernetes mounts its secrets, and may be a URL", async () => {
    const link = join(folder, "link");
    symlinkSync(certificateFile("ca.pem"), link);
    expect(readPemNow("CA", link).toString()).toBe(ca);
    expect((await readPem("CA", pathToFileURL(link))).toString()).toBe(ca);
  });

  it("is PEM, or a path, and nothing else", () => {
    for (const source of ["", null, 7, {}, [], true, () => {}]) {
      expect(() => readPemNow("private key", source as string)).toThrow(TypeError);
      expect(() => tlsServerCredentials({ certificate, key: source as string })).toThrow(TypeError);
    }
  });

  it("isn't quoted where it is a key that lacks its first line", () => {
    const bare = withoutLine(key, /-----/);
    for (const source of [bare, bare.replaceAll("\n", ""), `Bag Attributes\n${bare}`]) {
      const read = () => parsePair(certificate, readPemNow("private key", source).toString());
      expect(read).toThrow();
      try {
        read();
      } catch (error) {
        expect(`${(error as Error).stack}`).not.toContain(bare.slice(20, 50));
        expect((error as Error).cause).toBeUndefined();
      }
    }
  });
});

describe("credentials", () => {
  it.each([
    [{ clientCertificate: "required" }, /there is no `clientCa`/],
    [{ clientCertificate: "optional" }, /there is no `clientCa`/],
    [{ clientCa: ca, clientCertificate: "require" }, /must be "required" or "optional"; it is the text "require"$/],
    [{ clientCa: ca, clientCertificate: true }, /must be "required" or "optional"/],
    [{ clientCa: ca, clientCertificate: null }, /must be "required" or "optional"/],
    [{ certificate: undefined }, /needs a `certificate`/],
    [{ key: undefined }, /needs a `certificate`/],
    [{ clientCa: null }, /must be the path of a file/],
    [{ refreshMs: 2 ** 31 }, /refreshMs must be/],
  ])("of a server aren't made of %j", (init, message) => {
    expect(() => tlsServerCredentials({ certificate, key, ...(init as object) })).toThrow(TypeError);
    expect(() => tlsServerCredentials({ certificate, key, ...(init as object) })).toThrow(message);
  });

  it("aren't made of garbage", () => {
    expect(() => tlsServerCredentials({ certificate, key, clientCa: half(ca) })).toThrow(
      /^The CA certificate can't be/,
    );
    expect(() => tlsServerCredentials({ certificate: half(certificate), key })).toThrow(/^The certificate can't be/);
    expect(() => tlsChannelCredentials({ ca: half(ca) })).toThrow(/^The CA certificate can't be used/);
    expect(() => tlsChannelCredentials({ certificate, key: text("client-1.key") })).toThrow(/isn't the certificate's/);
  });
});
