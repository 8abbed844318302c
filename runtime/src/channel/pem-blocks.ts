import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { messageOf } from "../wire/thrown-message.js";

/** A block of PEM: what stands between two lines that name it. */
interface PemBlock {
  readonly label: string;
  readonly body: string;
}

/**
 * Parses all certificates of a PEM.
 *
 * OpenSSL takes the blocks up to the first that it can't read, and says nothing of the rest: half a bundle is then trusted. Here
 * each block must be one that can be read, and nothing outside may look like a part of one.
 *
 * @throws {Error} saying what is wrong, and in which block; never quoting it
 */
export function parseCertificates(bytes: Uint8Array): readonly [X509Certificate, ...X509Certificate[]] {
  const blocks = parseBlocks(bytes);
  const found: X509Certificate[] = [];
  for (const [index, { label, body }] of blocks.entries()) {
    if (CERTIFICATE_LABELS.has(label)) {
      found.push(parseCertificate(body, `block ${index + 1} of ${blocks.length}`));
    } else if (!KEY_LABELS.has(label) && !PARAMETER_LABELS.has(label)) {
      throw new Error(`block ${index + 1} of ${blocks.length} is a ${label}, which isn't read here`);
    }
  }
  const [first, ...rest] = found;
  if (first === undefined) {
    throw new Error("it has no certificate in it");
  }
  return [first, ...rest];
}

/**
 * Parses the private key of a PEM, which may have its certificate beside it.
 *
 * @throws {Error} if there is none, or more than one, or it is encrypted or broken; never quoting it
 */
export function parsePrivateKey(bytes: Uint8Array): KeyObject {
  const keys = parseBlocks(bytes).filter(({ label }) => KEY_LABELS.has(label));
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    throw new Error(key === undefined ? "it has no private key in it" : `it has ${keys.length} private keys in it`);
  }
  const { label, body } = key;
  if (label === "ENCRYPTED PRIVATE KEY" || /^\s*Proc-Type:.*ENCRYPTED/m.test(body)) {
    throw new Error("the private key is encrypted: decrypt it first, as with `openssl pkey -in … -out …`");
  }
  const lines = body.split(/\r\n|\r|\n/).map((line) => line.trim());
  try {
    return createPrivateKey(`-----BEGIN ${label}-----${lines.join("\n")}-----END ${label}-----\n`);
  } catch (error) {
    throw new Error(`the private key can't be read (${messageOf(error)})`);
  }
}

const CERTIFICATE_LABELS = new Set(["CERTIFICATE", "X509 CERTIFICATE"]);
const KEY_LABELS = new Set([
  ...["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"],
]);
// `openssl ecparam -genkey` writes the curve before the key.
const PARAMETER_LABELS = new Set(["EC PARAMETERS", "DH PARAMETERS"]);

const BLOCK = /-----BEGIN ([^-\r\n]+)-----((?:(?!-----BEGIN)[\s\S])*?)-----END \1-----/g;

function parseBlocks(bytes: Uint8Array): PemBlock[] {
  const text = Buffer.from(bytes).toString("utf8");
  if (text.trim() === "") {
    throw new Error("it is empty");
  }
  if (bytes[0] === 0x30 && !text.includes("-----BEGIN")) {
    throw new Error("it is DER rather than PEM: convert it, as with `openssl x509 -inform der -in … -out …`");
  }
  if (text.includes("\0")) {
    throw new Error("it is no text, or one in UTF-16");
  }
  const blocks = [...text.matchAll(BLOCK)].map(([, label = "", body = ""]) => ({ label, body }));
  const rest = text.replaceAll(BLOCK, "");
  if (LOOKS_LIKE_PEM.test(rest)) {
    throw new Error("a part of a block stands alone: its begin, its end or what is between them is missing or broken");
  }
  if (blocks.length === 0) {
    throw new Error("it isn't PEM");
  }
  return blocks;
}

// A line that begins or ends a block, and lines of base64. The text that `openssl x509 -text` writes around has neither.
const LOOKS_LIKE_PEM = /-{2,}\s*(?:BEGIN|END)\b|(?:BEGIN|END) [A-Z ]+-{2,}|^\s*[A-Za-z0-9+/]{60,}={0,2}\s*$/m;

function parseCertificate(body: string, place: string): X509Certificate {
  const base64 = body.replaceAll(/\s/g, "");
  // Node's own decoder leaves out what isn't base64, and takes the rest.
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw new Error(`${place} isn't base64`);
  }
  const der = Buffer.from(base64, "base64");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch (error) {
    throw new Error(`${place} is no certificate (${messageOf(error)})`);
  }
  if (certificate.raw.byteLength !== der.byteLength) {
    throw new Error(`${place} has something behind its certificate`);
  }
  return certificate;
}
