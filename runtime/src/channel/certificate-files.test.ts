import { readFile, rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CertificateFolder, certificateFile } from "../../test-support/certificates.js";
import { MemoryLogger } from "../testing/index.js";
import { CertificateFiles } from "./certificate-files.js";

let folder: CertificateFolder;
let logger: MemoryLogger;

beforeEach(async () => {
  folder = await CertificateFolder.of("server-1", "ca");
  logger = new MemoryLogger();
});

afterEach(() => folder.delete());

const watch = () =>
  new CertificateFiles({ certificate: folder.certificate, key: folder.key, ca: folder.ca }, { logger });

/** What a listener has been told, as text. */
function listen(files: CertificateFiles): { certificates: string[]; cas: string[] } {
  const told = { certificates: [] as string[], cas: [] as string[] };
  files.addIdentityCertificateListener((update) => told.certificates.push(update?.certificate.toString() ?? "none"));
  files.addCaCertificateListener((update) => told.cas.push(update?.caCertificate?.toString() ?? "none"));
  return told;
}

const pem = (name: string) => readFile(certificateFile(name), "utf8");
const messages = () => logger.lines.map(({ level, message }) => `${level} ${message}`);
const UNUSABLE = "warn tls.certificates_unusable: those that were read before stay in use";

describe("at the start", () => {
  it("says which file can't be read", async () => {
    await rm(folder.key);
    expect(watch).toThrow(new RegExp(`^The private key can't be read from ${folder.key}: ENOENT`));
  });

  it("says that a key doesn't fit its certificate", async () => {
    await folder.put("tls.key", "server-2.key");
    expect(watch).toThrow(
      /^The certificates can't be used \(.*tls\.crt, .*tls\.key, .*ca\.crt\): .*key values mismatch/,
    );
  });

  it("takes PEM itself, as text or bytes, and then has nothing to watch", async () => {
    const [certificate, key] = await Promise.all([pem("server-1.pem"), pem("server-1.key")]);
    const files = new CertificateFiles({ certificate, key: Buffer.from(key) }, { logger });
    const { certificates } = listen(files);
    await expect.poll(() => certificates).toEqual([certificate]);
    expect(() => new CertificateFiles({ certificate, key: "-----BEGIN nonsense" }, { logger })).toThrow(
      /^The certificates can't be used \(the given PEM\): /,
    );
  });

  it.each([0, -1, Number.NaN])("takes no refresh time of %d", (refreshMs) => {
    expect(() => new CertificateFiles({ ca: folder.ca }, { refreshMs })).toThrow(TypeError);
  });
});

describe("when the files change", () => {
  it("tells the new ones, once", async () => {
    const files = watch();
    const { certificates, cas } = listen(files);
    await files.refresh();
    await folder.put("tls.crt", "server-2.pem");
    await folder.put("tls.key", "server-2.key");
    await files.refresh();
    await files.refresh();
    expect(certificates.at(-1)).toBe(await pem("server-2.pem"));
    expect(cas.at(-1)).toBe(await pem("ca.pem"));
    expect(messages()).toEqual(["info tls.certificates_renewed"]);
    expect(logger.lines[0]?.fields).toEqual({ files: [folder.certificate, folder.key, folder.ca] });
  });

  it("keeps the old ones until the new ones fit together, and says so once", async () => {
    const files = watch();
    const { certificates } = listen(files);
    await files.refresh();
    await folder.put("tls.crt", "server-2.pem");
    await files.refresh();
    await files.refresh();
    expect(messages()).toEqual([UNUSABLE]);
    expect(logger.lines[0]?.fields.err).toMatchObject({ message: expect.stringContaining("key values mismatch") });
    await folder.put("tls.key", "server-2.key");
    await files.refresh();
    expect(messages()).toEqual([UNUSABLE, "info tls.certificates_renewed"]);
    expect(new Set(certificates)).toEqual(new Set([await pem("server-1.pem"), await pem("server-2.pem")]));
  });

  it("keeps the old ones while a file is gone", async () => {
    const files = watch();
    const { certificates } = listen(files);
    await files.refresh();
    await rm(folder.ca);
    await files.refresh();
    expect(messages()).toEqual([UNUSABLE]);
    await folder.put("ca.crt", "ca.pem");
    await files.refresh();
    expect(messages()).toEqual([UNUSABLE]);
    expect(new Set(certificates)).toEqual(new Set([await pem("server-1.pem")]));
  });
});

it("reads files only while somebody wants to know", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const files = watch();
    const [identity, ca] = [() => {}, () => {}];
    expect(vi.getTimerCount()).toBe(0);
    files.addIdentityCertificateListener(identity);
    files.addCaCertificateListener(ca);
    expect(vi.getTimerCount()).toBe(1);
    files.removeIdentityCertificateListener(identity);
    expect(vi.getTimerCount()).toBe(1);
    files.removeCaCertificateListener(ca);
    expect(vi.getTimerCount()).toBe(0);
    const once = new CertificateFiles({ ca: folder.ca }, { refreshMs: Number.POSITIVE_INFINITY });
    once.addCaCertificateListener(ca);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
