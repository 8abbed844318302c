import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CertificateFolder, certificateFile } from "../../test-support/certificates.js";
import { MemoryLogger } from "../testing/index.js";
import { CertificateFiles } from "./certificate-files.js";
import { tlsChannelCredentials } from "./tls-credentials.js";

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
      /^The certificates can't be used \(.*tls\.crt, .*tls\.key, .*ca\.crt\): the private key isn't the certificate's/,
    );
  });

  it("takes PEM itself, as text or bytes, and then has nothing to watch", async () => {
    const [certificate, key] = await Promise.all([pem("server-1.pem"), pem("server-1.key")]);
    const files = new CertificateFiles({ certificate, key: Buffer.from(key) }, { logger });
    const { certificates } = listen(files);
    await expect.poll(() => certificates).toEqual([certificate]);
    expect(() => new CertificateFiles({ certificate, key: "-----BEGIN nonsense" }, { logger })).toThrow(
      /^The private key can't be used \(the given PEM\): /,
    );
  });

  it.each([0, -1, Number.NaN])("takes no refresh time of %d", (refreshMs) => {
    expect(() => tlsChannelCredentials({ ca: folder.ca, refreshMs })).toThrow(TypeError);
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
    expect(logger.lines[0]?.fields.err).toMatchObject({
      message: expect.stringContaining("the private key isn't the certificate's"),
    });
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

describe("as time goes by", () => {
  const DAY = 24 * 60 * 60_000;
  const short = new X509Certificate(readFileSync(certificateFile("short.pem")));
  const begin = Date.parse(short.validFrom);
  const end = Date.parse(short.validTo);
  const inShort = { certificate: certificateFile("short.pem"), key: certificateFile("short.key") };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"], now: begin + DAY + 30 * 60_000 });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** The days on which something was told, counted from the end of the certificate. */
  const toldOn: string[] = [];
  const tellingLogger = (): MemoryLogger => {
    toldOn.length = 0;
    const telling = new MemoryLogger();
    const tell = (level: "warn" | "error") => (fields: object, message: string) => {
      const { what, subject, expires } = fields as Record<string, string>;
      expect({ subject, expires }).toEqual({ subject: "CN=short", expires: new Date(end).toISOString() });
      toldOn.push(`${Math.floor((Date.now() - end) / DAY)} ${level} ${what}: ${message}`);
    };
    return Object.assign(telling, { warn: tell("warn"), error: tell("error") });
  };

  it.each([60_000, Number.POSITIVE_INFINITY])(
    "says once a day that the end is within a week, or past: read every %d ms",
    (refreshMs) => {
      const files = new CertificateFiles(inShort, { logger: tellingLogger(), refreshMs });
      const listener = () => {};
      files.addIdentityCertificateListener(listener);
      for (let hour = 0; hour < 24 * 30; hour += 1) {
        vi.advanceTimersByTime(60 * 60_000);
      }
      const days = [-7, -6, -5, -4, -3, -2, -1];
      expect(toldOn).toEqual([
        ...days.map((day) => `${day} warn certificate: tls.certificates_expiring`),
        ...[0, 1].map((day) => `${day} error certificate: tls.certificates_expired`),
      ]);
      files.removeIdentityCertificateListener(listener);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("says it of CAs, and at the start", () => {
    vi.setSystemTime(end - DAY);
    new CertificateFiles({ ca: inShort.certificate }, { logger: tellingLogger() });
    expect(toldOn).toEqual(["-1 warn CA certificate: tls.certificates_expiring"]);
    vi.setSystemTime(end + DAY);
    new CertificateFiles(inShort, { logger: tellingLogger() });
    expect(toldOn).toEqual(["1 error certificate: tls.certificates_expired"]);
  });

  it("doesn't say it of a CA while there is another one beside it", async () => {
    vi.setSystemTime(end - DAY);
    const both = (await pem("short.pem")) + (await pem("ca.pem"));
    new CertificateFiles({ ca: both }, { logger });
    expect(messages()).toEqual([]);
  });

  it.each([
    ["has expired", end + DAY, /^The new certificate has expired, on .*, and the one in use is valid$/],
    ["isn't valid yet", begin - 60_000, /^The new certificate isn't valid before .*, and the one in use is valid$/],
  ])("a certificate that %s doesn't replace a valid one", async (_what, now, why) => {
    vi.setSystemTime(now);
    const files = watch();
    const { certificates } = listen(files);
    await files.refresh();
    await folder.put("tls.crt", "short.pem");
    await folder.put("tls.key", "short.key");
    await files.refresh();
    expect(messages()).toEqual([UNUSABLE]);
    expect(logger.lines[0]?.fields.err).toMatchObject({ message: expect.stringMatching(why) });
    expect(new Set(certificates)).toEqual(new Set([await pem("server-1.pem")]));
    // When it has become valid, it does.
    vi.setSystemTime(begin + DAY);
    await files.refresh();
    expect(certificates.at(-1)).toBe(await pem("short.pem"));
  });

  it("a CA that has expired doesn't replace a valid one, and an expired one is replaced by anything", async () => {
    vi.setSystemTime(end + DAY);
    const files = watch();
    const { cas } = listen(files);
    await files.refresh();
    await folder.put("ca.crt", "short.pem");
    await files.refresh();
    expect(messages()).toEqual([UNUSABLE]);
    expect(new Set(cas)).toEqual(new Set([await pem("ca.pem")]));

    await folder.put("tls.crt", "short.pem");
    await folder.put("tls.key", "short.key");
    const expired = watch();
    const { certificates } = listen(expired);
    await folder.put("tls.crt", "server-1.pem");
    await folder.put("tls.key", "server-1.key");
    await expired.refresh();
    expect(certificates.at(-1)).toBe(await pem("server-1.pem"));
  });
});

it("a logger that throws stops no renewal", async () => {
  const failing = () => {
    throw new Error("the disk is full");
  };
  const broken = { debug: failing, info: failing, warn: failing, error: failing };
  const files = new CertificateFiles({ ca: folder.ca }, { logger: broken });
  const { cas } = listen(files);
  await folder.put("ca.crt", "other-ca.pem");
  await files.refresh();
  expect(cas.at(-1)).toBe(await pem("other-ca.pem"));
});

it("reads files only while somebody wants to know", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const files = watch();
    const [identity, ca] = [() => {}, () => {}];
    expect(vi.getTimerCount()).toBe(0);
    files.addIdentityCertificateListener(identity);
    files.addCaCertificateListener(ca);
    // One to read, one to look at the clock.
    expect(vi.getTimerCount()).toBe(2);
    files.removeIdentityCertificateListener(identity);
    expect(vi.getTimerCount()).toBe(2);
    files.removeCaCertificateListener(ca);
    expect(vi.getTimerCount()).toBe(0);
    const once = new CertificateFiles({ ca: folder.ca }, { refreshMs: Number.POSITIVE_INFINITY });
    once.addCaCertificateListener(ca);
    expect(vi.getTimerCount()).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
